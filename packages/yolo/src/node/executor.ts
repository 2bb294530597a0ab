/** The executor of Node. */
import type { Executor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';

/**
 * onnxruntime's threads wait by spinning unless told not to. Training keeps several sessions and the loader's workers
 * busy on the same cores, where spinning takes the time of who has work: a step took half as long without it.
 */
const NO_SPINNING = { session: { intra_op: { allow_spinning: '0' } } };

/**
 * onnxruntime on the CPU. The module `onnxruntime-node` is loaded when this is called.
 * @param threads by default one per core
 */
export async function createNodeExecutor(threads?: number): Promise<Executor> {
  const ort = await import('onnxruntime-node');
  const intraOpNumThreads = threads === undefined ? {} : { intraOpNumThreads: threads };
  return createOnnxExecutor(ort, { session: { ...intraOpNumThreads, extra: NO_SPINNING } });
}
