/** Images on their way into a graph. */
import { type Dim, input, type Node, ops, type Tensor } from '@froyolo/core';

/**
 * The `images` input of a graph, as bytes' values 0..255 in float32, and what the network reads: values in 0..1.
 * The division is left to the graph: the host only widens bytes, which is a copy.
 */
export function imageInput(
  batchSize: Dim,
  channels: number,
  [height, width]: readonly [number, number],
): Node {
  return ops.div(input('images', [batchSize, channels, height, width]), 255);
}

/** Feeds bytes `[N, C, H, W]` to that input. */
export function imageFeed(images: Uint8Array, shape: readonly number[]): Tensor {
  return { dtype: 'float32', shape, data: new Float32Array(images) };
}
