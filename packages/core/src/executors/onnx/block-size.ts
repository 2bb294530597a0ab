/** Block size of onnxruntime's blocked image layout, which depends on the processor's vectors. */

import { ModelBuilder } from './model-builder.js';
import { BLOCKED } from './ops.js';
import type { OrtRuntime } from './ort.js';

const SIZES = [16, 8];
const CHANNELS = 16;
const PIXELS = 2;

/**
 * Finds the number of channels in a block by reordering an image whose values are their positions: 16 with AVX-512, 8 with
 * AVX, and 1, which means no blocks, if the runtime can't tell (WebAssembly, some processors, a runtime without these ops).
 */
export async function findBlockSize(ort: OrtRuntime): Promise<number> {
  const shape = [1, CHANNELS, 1, PIXELS];
  const builder = new ModelBuilder();
  builder.identity(builder.emit('ReorderInput', ['image'], { domain: BLOCKED }), 'blocks');
  const values = [{ name: 'image', dtype: 'float32' as const, shape }];
  try {
    const session = await ort.InferenceSession.create(
      builder.encode(values, [{ ...values[0], name: 'blocks' }]),
    );
    const image = Float32Array.from({ length: CHANNELS * PIXELS }, (_, i) => i);
    const { blocks } = await session.run({ image: new ort.Tensor('float32', image, shape) });
    await session.release();
    const order = [...(blocks.data as Float32Array)];
    return SIZES.find((size) => order.every((value, i) => value === positionInBlocks(i, size))) ?? 1;
  } catch {
    return 1;
  }
}

/** Original position of the value at place `i` of the reordered image. */
function positionInBlocks(i: number, size: number): number {
  const [block, within] = [Math.floor(i / (size * PIXELS)), i % (size * PIXELS)];
  const [pixel, channel] = [Math.floor(within / size), within % size];
  return (block * size + channel) * PIXELS + pixel;
}
