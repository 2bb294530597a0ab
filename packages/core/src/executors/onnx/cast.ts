/** Types of values in ONNX. */
import type { DType } from '../../graph/node.js';
import type { LoweringContext } from './context.js';

const ONNX_TYPE: Record<DType | 'int64', number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  float16: 10,
};

/** Emits a cast. */
export function castTo({ builder }: LoweringContext, value: string, dtype: DType | 'int64'): string {
  return builder.emit('Cast', [value], { attrs: { to: ONNX_TYPE[dtype] } });
}
