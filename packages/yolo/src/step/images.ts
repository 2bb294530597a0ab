/** Images on their way into a graph. */
import { type Dim, input, type Node, ops, type Tensor } from '@froyolo/core';

/** Bytes, or values in 0..1. */
export type ImageType = 'uint8' | 'float32';

/**
 * The `images` input of a graph, as bytes unless told otherwise, and what the network reads: values in 0..1. Both steps
 * between them are left to the graph; where the first convolution is frozen the division disappears in its weight.
 */
export function imageInput(
  batchSize: Dim,
  channels: number,
  [height, width]: readonly [number, number],
  type: ImageType = 'uint8',
): Node {
  const images = input('images', [batchSize, channels, height, width], type);
  return type === 'float32' ? images : ops.div(ops.cast(images, 'float32'), 255);
}

/** Feeds bytes `[N, C, H, W]` to that input. */
export function imageFeed(images: Uint8Array, shape: readonly number[]): Tensor {
  return { dtype: 'uint8', shape, data: images };
}
