/** TensorFlow.js graph models: `model.json` and shards, as TensorFlow.js' own converter lays them out. */
import { type Detector, strideOf } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { freezeGraph, type GraphValue, type TensorflowOptions } from './frozen-graph.js';
import { fuseBias } from './fuse-bias.js';
import { nodeJson, shapeJson } from './graph-json.js';
import { collectWeights, type WeightPrecision } from './weights-manifest.js';

export interface GraphModelOptions extends TensorflowOptions {
  /** Weights in 8 bits each, spread over the range of their tensor. Default false. */
  readonly int8?: boolean;
}

/** A file of a graph model's folder. */
export interface GraphModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Bytes of a shard at most, so that browsers cache it. */
const SHARD_BYTES = 4 * 1024 * 1024;
const LIBRARY = 'froyolo';

/**
 * The files of a folder that `tf.loadGraphModel` loads: input `x` `[N, H, W, 3]`, values in 0..1; outputs `Identity`
 * `[N, topk, 4]` (corners as fractions of the image), `Identity_1` (confidences), `Identity_2` (classes), `Identity_3`
 * (counts), as of YOLOv5's `--include tfjs`; boxes of all classes suppress each other. The node `predictions` has what
 * was before suppression. `half` and `int8` shrink the weights in the files, not the arithmetic.
 * @throws ExportError for batches of any size
 */
export async function writeGraphModel(
  detector: Detector,
  options: GraphModelOptions = {},
): Promise<GraphModelFile[]> {
  if (options.dynamic)
    throw new ExportError('a TensorFlow.js model has a fixed batch: leave out --dynamic for tfjs');
  const tensorflow = await import('@froyolo/core/tensorflow');
  const nms = typeof options.nms === 'object' ? options.nms : {};
  const frozen = await freezeGraph(detector, { ...options, nms: { ...nms, agnostic: true } });
  const nodes = fuseBias(frozen.nodes);
  const { specs, data } = collectWeights(nodes, precisionOf(options));
  const shards = split(data);
  const model = {
    format: 'graph-model',
    generatedBy: LIBRARY,
    convertedBy: LIBRARY,
    signature: signature(frozen.input, frozen.outputs),
    userDefinedMetadata: {
      stride: strideOf(detector),
      names: Object.fromEntries(detector.names.map((name, i) => [i, name])),
    },
    modelTopology: {
      node: nodes.map(nodeJson),
      library: {},
      versions: { producer: tensorflow.GRAPH_VERSION },
    },
    weightsManifest: [{ paths: shards.map(({ name }) => name), weights: specs }],
  };
  const json = new TextEncoder().encode(JSON.stringify(model));
  return [...shards, { name: 'model.json', bytes: json }];
}

function precisionOf({ half, int8 }: GraphModelOptions): WeightPrecision {
  if (int8) return 'uint8';
  return half ? 'float16' : 'float32';
}

function signature(input: GraphValue, outputs: readonly GraphValue[]) {
  const info = ({ name, shape, dtype }: GraphValue) => ({
    name: `${name}:0`,
    dtype: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT',
    tensorShape: shapeJson(shape.map(Number)),
  });
  return {
    inputs: { [input.name]: info(input) },
    outputs: Object.fromEntries(outputs.map((value) => [value.name, info(value)])),
  };
}

function split(data: Uint8Array): GraphModelFile[] {
  const count = Math.max(1, Math.ceil(data.length / SHARD_BYTES));
  return Array.from({ length: count }, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    bytes: data.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  }));
}
