/** ONNX models back: exports of this package, of YOLOv5, and others of the same inputs and outputs. */
import { type Tensor, toFloat16, toFloat32 } from '@froyolo/core';
import type { Detector, ForeignNetwork } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { checkStride, classNames, detectorOf, refused } from '../foreign-detector.js';
import { ELEMENT, OnnxGraph, type ValueInfo } from './graph.js';
import { parseNames } from './metadata.js';

const DEFAULT_STRIDE = 32;
const LARGEST = 2 ** 30;

/** Sizes of a value's axes; undefined if each run decides. */
type Sizes = readonly (number | undefined)[];

/**
 * A detector that runs an ONNX model as it is, on devices of onnxruntime: it detects and is validated, nothing else.
 * @param file for messages
 * @throws ExportError when the model isn't a YOLOv5 detector's
 */
export function readOnnxDetector(bytes: Uint8Array, file = 'model.onnx'): Detector {
  const graph = parse(bytes, file);
  const { metadata } = graph;
  const given = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !given.has(name));
  const [input, ...more] = inputs;
  const sizes = input ? sizesOf(input) : [];
  if (!input || more.length > 0 || sizes.length !== 4)
    throw refused(file, `takes ${inputs.length} inputs, not one of images [N, 3, H, W]`);
  if (metadata.nms === 'true')
    throw refused(
      file,
      'suppresses boxes itself',
      'Export it without --nms: detection and validation do that.',
    );
  const output = graph.outputs.find((value) => value.name === 'output0') ?? graph.outputs[0];
  const outputSizes = output ? sizesOf(output) : [];
  if (outputSizes.length !== 3) throw refused(file, 'has no output [N, boxes, 5 + classes]');
  return detectorOf(networkOf(bytes, file, input, String(output?.name)), {
    names: classNames(file, parseNames(metadata.names ?? ''), outputSizes[2]),
    stride: checkStride(file, Number(metadata.stride ?? DEFAULT_STRIDE)),
    channels: sizes[1] ?? 3,
  });
}

function parse(bytes: Uint8Array, file: string): OnnxGraph {
  try {
    const graph = new OnnxGraph(bytes);
    if (graph.nodes.length > 0) return graph;
  } catch (cause) {
    throw new ExportError(`${file} is no ONNX model, or damaged: export it again`, { cause });
  }
  throw new ExportError(`${file} is no ONNX model: it has no nodes`);
}

function sizesOf({ type }: ValueInfo): Sizes {
  return (type?.tensorType?.shape?.dim ?? []).map(({ dimValue, dimParam }) => {
    const size = Number(dimValue ?? 0);
    return dimParam || size <= 0 || size > LARGEST ? undefined : size;
  });
}

function networkOf(bytes: Uint8Array, file: string, input: ValueInfo, output: string): ForeignNetwork {
  const [batchSize, , height, width] = sizesOf(input);
  const half = Number(input.type?.tensorType?.elemType) === ELEMENT.float16;
  return {
    file,
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(height === undefined || width === undefined ? {} : { size: [height, width] as const }),
    runsOn: ({ openOnnx }) => openOnnx !== undefined,
    async open(executor) {
      if (!executor.openOnnx)
        throw new ExportError(
          `${file} runs on devices of onnxruntime alone, not on ${executor.name}: choose --device cpu`,
        );
      const program = await executor.openOnnx(bytes);
      return {
        async run(images) {
          const found = await program.run({ [String(input.name)]: half ? toHalf(images) : images });
          const predictions = found[output];
          if (!predictions) throw new ExportError(`${file} has no output "${output}"`);
          return fromHalf(predictions);
        },
        dispose: () => program.dispose(),
      };
    },
  };
}

function toHalf({ data, shape }: Tensor): Tensor {
  const halves = new Uint16Array(data.length);
  toFloat16(Float32Array.from(data), halves);
  return { dtype: 'float16', shape, data: halves };
}

function fromHalf(value: Tensor): Tensor {
  if (!(value.data instanceof Uint16Array)) return value;
  const data = new Float32Array(value.data.length);
  toFloat32(value.data, data);
  return { dtype: 'float32', shape: value.shape, data };
}
