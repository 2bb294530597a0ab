/** The network as it is used: every weight a constant, batch normalization folded, boxes decoded. */
import { bindConstants, type Dim, type Graph, optimize } from '@froyolo/core';
import { decodeHeads } from '../decode/decode.js';
import type { Detector } from '../detector/detector.js';
import { imageInput } from '../detector/images.js';
import { type LossSettings, lossNodes } from '../train/losses.js';

export interface InferenceOptions {
  /** A number, or the name of a size that each run decides. Default `batch`. */
  readonly batchSize?: Dim;
  /** Compute the losses too: inputs and outputs as in the graph of a training step. */
  readonly loss?: LossSettings | undefined;
}

/**
 * @param shape height and width of the images, multiples of the largest stride
 * @param batchSize a number, or the name of a size that each run decides
 * @returns input `images`; output `predictions`, `[N, boxes, 5 + classes]`: center, width and height in pixels, objectness,
 * class scores
 */
export function buildInferenceGraph(
  { model, tensors }: Detector,
  shape: readonly [height: number, width: number],
  { batchSize = 'batch', loss }: InferenceOptions = {},
): Graph {
  const images = imageInput(batchSize, model.spec.channels, shape);
  const { heads } = model.forward(images, { batchNorm: () => 'running' });
  const predictions = decodeHeads(heads, model);
  const outputs = loss ? { predictions, ...lossNodes(heads, model, loss) } : { predictions };
  return optimize(bindConstants({ outputs }, tensors));
}
