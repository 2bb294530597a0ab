/** The executor of Node. */
import type { Executor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';

/**
 * onnxruntime on the CPU. The module `onnxruntime-node` is loaded when this is called.
 * @param threads by default one per core
 */
export async function createNodeExecutor(threads?: number): Promise<Executor> {
  const ort = await import('onnxruntime-node');
  return createOnnxExecutor(ort, threads === undefined ? {} : { session: { intraOpNumThreads: threads } });
}
