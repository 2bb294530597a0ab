/** Ranges of a network's values, measured on images. */
import type { Executor } from '@froyolo/core';
import { ExportError } from '../errors.js';
import type { OnnxGraph } from './graph.js';
import { Histogram, type Range } from './histogram.js';

/** Images as the network reads them: `[N, 3, H, W]`, values in 0..1. */
export interface CalibrationImages {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface CalibrationOptions {
  /** Executor of onnxruntime, on any device. */
  readonly executor: Executor;
  /** Some 30 to 100 images of what the detector will see. */
  readonly images: AsyncIterable<CalibrationImages> | Iterable<CalibrationImages>;
}

/**
 * For each named value the range in which 8 bits tell its elements best, over all images.
 * @throws ExportError when there are no images
 */
export async function measureRanges(
  graph: OnnxGraph,
  opset: number,
  names: readonly string[],
  { executor, images }: CalibrationOptions,
): Promise<Map<string, Range>> {
  const computed = names.filter((name) => !graph.inputs.some((input) => input.name === name));
  if (!executor.openOnnx)
    throw new ExportError(`${executor.name} runs no ONNX model: measure ranges on an onnxruntime device`);
  const program = await executor.openOnnx(withOutputs(graph, opset, computed));
  const histograms = new Map(names.map((name) => [name, new Histogram()]));
  let batches = 0;
  try {
    for await (const { data, shape } of images) {
      const values = await program.run({ images: { dtype: 'float32', data, shape } });
      for (const [name, histogram] of histograms) histogram.add(values[name]?.data ?? data);
      batches++;
    }
  } finally {
    await program.dispose();
  }
  if (batches === 0)
    throw new ExportError('8-bit export needs images to measure ranges on (--data), got none');
  return new Map([...histograms].map(([name, histogram]) => [name, histogram.bestRange()]));
}

function withOutputs(graph: OnnxGraph, opset: number, names: readonly string[]): Uint8Array {
  const watched = graph.copy();
  const wanted = new Set(names);
  for (const name of watched.outputs) wanted.delete(String(name.name));
  for (const name of wanted) watched.outputs.push({ name, type: { tensorType: { elemType: 1 } } });
  return watched.encode(opset, {});
}
