/** TensorFlow.js graph models of this package back. */
import type { Executor, GraphModel, Tensor } from '@froyolo/core';
import { IN_WORDS } from '@froyolo/errors';
import type { Detector, FloatNetwork, ForeignNetwork } from '@froyolo/yolo';
import { z } from 'zod';
import { ExportError } from '../errors.js';
import { BOX_VALUES, checkStride, classNames, detectorOf, refused } from '../foreign-detector.js';
import { INPUT, PREDICTIONS } from './frozen-graph.js';

const LARGEST = 2 ** 30;

const SIZE = z.coerce.number().int().min(1).max(LARGEST);

/** What is read of `model.json`. */
const MODEL = z.object({
  format: z.literal('graph-model'),
  signature: z.object({
    inputs: z.record(
      z.string(),
      z.object({ tensorShape: z.object({ dim: z.array(z.object({ size: SIZE })).length(4) }) }),
    ),
  }),
  userDefinedMetadata: z.object({ stride: z.number(), names: z.record(z.string(), z.string()) }),
  modelTopology: z.looseObject({ node: z.array(z.looseObject({ name: z.string() })) }),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string().regex(/^[\w.-]+$/)),
      weights: z.array(z.looseObject({ name: z.string(), shape: z.array(z.number().int().min(0)) })),
    }),
  ),
});
type Model = z.infer<typeof MODEL>;

/**
 * A detector that runs a TensorFlow.js graph model as it is, on devices of TensorFlow.js: it detects and is validated,
 * nothing else.
 * @param json content of `model.json`
 * @param readShard bytes of a file beside it
 * @param file for messages
 * @throws ExportError when the model isn't one that this package wrote
 */
export async function readGraphModelDetector(
  json: string,
  readShard: (name: string) => Promise<Uint8Array>,
  file = 'model.json',
): Promise<Detector> {
  const model = parse(json, file);
  const input = model.signature.inputs[INPUT];
  const isOurs = input && model.modelTopology.node.some(({ name }) => name === PREDICTIONS);
  if (!isOurs)
    throw refused(
      file,
      `has no input "${INPUT}" or no node "${PREDICTIONS}"`,
      'Export the .pt here, with --include tfjs.',
    );
  const [batchSize = 1, height = 1, width = 1, channels = 3] = input.tensorShape.dim.map(({ size }) => size);
  const { stride, names } = model.userDefinedMetadata;
  const list = Object.keys(names).map((_, index) => names[index] ?? `class${index}`);
  const graph = await graphOf(model, readShard);
  const shape = { batchSize, size: [height, width] as const };
  return detectorOf(networkOf(graph, file, shape), {
    names: classNames(file, list, BOX_VALUES + list.length),
    stride: checkStride(file, stride),
    channels,
  });
}

function parse(json: string, file: string): Model {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (cause) {
    throw new ExportError(`${file} is no JSON: export it again`, { cause });
  }
  const { data, error } = MODEL.safeParse(content, IN_WORDS);
  if (data) return data;
  const { path = [], message = '' } = error.issues[0] ?? {};
  throw refused(
    file,
    `has no valid ${path.join('.') || 'content'} (${message})`,
    'TensorFlow.js models are read as `froyolo export --include tfjs` writes them.',
  );
}

async function graphOf(
  { modelTopology, weightsManifest }: Model,
  readShard: (name: string) => Promise<Uint8Array>,
): Promise<GraphModel> {
  const shards: Uint8Array[] = [];
  for (const name of weightsManifest.flatMap(({ paths }) => paths)) shards.push(await readShard(name));
  const weightData = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of shards) {
    weightData.set(shard, at);
    at += shard.length;
  }
  return {
    topology: modelTopology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: weightData.buffer,
  };
}

function networkOf(
  graph: GraphModel,
  file: string,
  shape: Required<Pick<ForeignNetwork, 'batchSize' | 'size'>>,
): ForeignNetwork {
  return {
    ...shape,
    file,
    runsOn: ({ openGraphModel }) => openGraphModel !== undefined,
    open: (executor) => open(graph, file, executor),
  };
}

async function open(graph: GraphModel, file: string, executor: Executor): Promise<FloatNetwork> {
  if (!executor.openGraphModel)
    throw new ExportError(
      `${file} runs on devices of TensorFlow.js alone, not on ${executor.name}: choose --device tfjs-wasm, tfjs-node or tfjs-webgpu`,
    );
  const program = await executor.openGraphModel(graph, [PREDICTIONS]);
  return {
    async run(images) {
      const { predictions } = await program.run({ [INPUT]: channelsLast(images) });
      if (!predictions) throw new ExportError(`${file} gives no predictions`);
      return inPixels(predictions, images.shape);
    },
    dispose: () => program.dispose(),
  };
}

/** `[N, C, H, W]` to `[N, H, W, C]`. */
function channelsLast({ data, shape }: Tensor): Tensor {
  const [images = 1, channels = 1, height = 1, width = 1] = shape;
  const pixels = height * width;
  const moved = new Float32Array(data.length);
  for (let plane = 0; plane < images * channels; plane++) {
    let to = Math.floor(plane / channels) * pixels * channels + (plane % channels);
    for (let from = plane * pixels; from < (plane + 1) * pixels; from++) {
      moved[to] = Number(data[from]);
      to += channels;
    }
  }
  return { dtype: 'float32', shape: [images, height, width, channels], data: moved };
}

/** Boxes are fractions of the image in the file. */
function inPixels({ data, shape }: Tensor, [, , height = 1, width = 1]: readonly number[]): Tensor {
  const [, , columns = BOX_VALUES] = shape;
  const scaled = Float32Array.from(data);
  for (let at = 0; at < scaled.length; at += columns)
    for (let column = 0; column < 4; column++)
      scaled[at + column] = (scaled[at + column] ?? 0) * (column % 2 === 0 ? width : height);
  return { dtype: 'float32', shape, data: scaled };
}
