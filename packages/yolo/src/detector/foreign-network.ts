/** A network in a file of another runtime, run as it is. */
import { numel } from '@froyolo/common';
import type { Executor, Program, Tensor } from '@froyolo/core';
import { DetectorError } from '../errors.js';

export interface ForeignNetwork {
  /** The file, for messages. */
  readonly file: string;
  /** Images of a batch, where it takes no other number. */
  readonly batchSize?: number;
  /** Height and width of the images, where it takes no others. */
  readonly size?: readonly [height: number, width: number];
  /** Whether a device runs such files. */
  runsOn(executor: Executor): boolean;
  /** @throws DetectorError on a device that doesn't run such files */
  open(executor: Executor): Promise<FloatNetwork>;
}

/** A network opened on a device. */
export interface FloatNetwork {
  /**
   * @param images float32 `[N, 3, H, W]`, values in 0..1
   * @returns float32 `[N, boxes, 5 + classes]`: center x, y, width, height in pixels, objectness, class probabilities
   */
  run(images: Tensor): Promise<Tensor>;
  dispose(): Promise<void>;
}

/**
 * A program as of an inference graph: images as bytes or values in 0..1, output `predictions` in float32.
 * @throws DetectorError for images of another size than the network's
 */
export async function openNetwork(
  network: ForeignNetwork,
  executor: Executor,
  [height, width]: readonly [height: number, width: number],
): Promise<Program> {
  const { size = [height, width], file } = network;
  const [rows, columns] = size;
  if (rows !== height || columns !== width) {
    const flag = rows === columns ? rows : size.join(' ');
    throw new DetectorError(
      `${file} takes images of ${size.join(' × ')} pixels, not ${height} × ${width}: pass --imgsz ${flag}`,
    );
  }
  const opened = await network.open(executor);
  return {
    async run({ images }) {
      return { predictions: await predict(opened, network, images) };
    },
    dispose: () => opened.dispose(),
  };
}

/** In batches of the number that the network takes; the last one is filled up with black images. */
async function predict(opened: FloatNetwork, network: ForeignNetwork, images: Tensor): Promise<Tensor> {
  const { data, dtype, shape } = images;
  const unit = dtype === 'uint8' ? 255 : 1;
  const [count = 0, ...imageShape] = shape;
  const { batchSize = count } = network;
  const perImage = numel(imageShape);
  const parts: Float32Array[] = [];
  let rows: readonly number[] = [];
  for (let at = 0; at < count; at += batchSize) {
    const floats = new Float32Array(batchSize * perImage);
    const taken = data.subarray(at * perImage, (at + batchSize) * perImage);
    for (let i = 0; i < taken.length; i++) floats[i] = Number(taken[i]) / unit;
    const output = await opened.run({ dtype: 'float32', shape: [batchSize, ...imageShape], data: floats });
    parts.push(asFloats(output, network.file));
    rows = output.shape.slice(1);
  }
  const perRow = numel(rows);
  const all = new Float32Array(count * perRow);
  for (const [i, part] of parts.entries())
    all.set(
      part.subarray(0, Math.min(part.length, all.length - i * batchSize * perRow)),
      i * batchSize * perRow,
    );
  return { dtype: 'float32', shape: [count, ...rows], data: all };
}

function asFloats({ data, dtype }: Tensor, file: string): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new DetectorError(`${file} gives ${dtype}, not float32`);
}
