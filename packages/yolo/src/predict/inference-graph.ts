/** The network as it is used: every weight a constant, batch normalization folded, boxes decoded. */
import {
  bindConstants,
  type Dim,
  type Executor,
  type Graph,
  mixedPrecision,
  optimize,
  type Program,
} from '@froyolo/core';
import type { Detector } from '../detector/detector.js';
import { openNetwork } from '../detector/foreign-network.js';
import { DetectorError } from '../errors.js';
import type { LossSettings } from '../family.js';
import { type ImageType, imageInput } from '../step/images.js';
import { lossNodes } from '../step/loss.js';
import { compileEnsemble } from './ensemble-program.js';

export interface InferenceOptions {
  /** A number, or the name of a size that each run decides. Default `batch`. */
  readonly batchSize?: Dim;
  /** Compute the losses too: inputs and outputs as in the graph of a training step. */
  readonly loss?: LossSettings | undefined;
  /** What images are fed as: bytes (default), or values in 0..1. */
  readonly images?: ImageType;
  /** Convolutions in half precision. Default false. */
  readonly half?: boolean;
}

/**
 * @param shape height and width of the images, multiples of the largest stride
 * @param batchSize a number, or the name of a size that each run decides
 * @returns input `images`; output `predictions`, as the detector's family decodes them
 */
export function buildInferenceGraph(
  detector: Detector,
  shape: readonly [height: number, width: number],
  { batchSize = 'batch', loss, images: type, half = false }: InferenceOptions = {},
): Graph {
  const { family, model, tensors } = detector;
  const images = imageInput(batchSize, model.spec.channels, shape, type);
  const { heads } = model.forward(images, { batchNorm: () => 'running' });
  const predictions = family.decode(heads, model);
  const outputs = loss ? { predictions, ...lossNodes(heads, detector, loss) } : { predictions };
  const graph = optimize(bindConstants({ outputs }, tensors));
  return half ? mixedPrecision(graph) : graph;
}

/**
 * The inference graph compiled, or the detector's own network opened.
 * @throws DetectorError for what the network in a file can't do: losses, other sizes than its own; for half precision on an
 * executor without it
 */
export async function compileInference(
  detector: Detector,
  executor: Executor,
  shape: readonly [height: number, width: number],
  options: InferenceOptions = {},
): Promise<Program> {
  if (options.half && !executor.halfPrecision)
    throw new DetectorError(`${executor.name} has no half precision`);
  const { network, members } = detector;
  if (members) {
    if (options.loss) throw new DetectorError('an ensemble has no losses');
    return compileEnsemble(members, (member) => compileInference(member, executor, shape, options));
  }
  if (!network) return executor.compile(buildInferenceGraph(detector, shape, options));
  if (options.loss) throw new DetectorError(`${network.file}: an exported network has no losses`);
  return openNetwork(network, executor, shape);
}
