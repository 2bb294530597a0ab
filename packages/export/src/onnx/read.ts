/** ONNX models back: exports of this package, of YOLOv5, and others of the same inputs and outputs. */
import { buildModel, parseModelYaml } from '@froyolo/model-yaml';
import { type Detector, familyNamed, type OnnxNetwork } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { ELEMENT, OnnxGraph, type ValueInfo } from './graph.js';
import { parseNames } from './metadata.js';

/** Values of a row of predictions before the classes: x, y, width, height, objectness. */
const BOX_VALUES = 5;
const DEFAULT_STRIDE = 32;
const LARGEST = 2 ** 30;

/** Sizes of a value's axes; undefined where each run decides. */
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
  const names = classNames(file, metadata.names, output);
  const stride = Number(metadata.stride ?? DEFAULT_STRIDE);
  if (!Number.isInteger(stride) || stride < 1 || stride > 1024)
    throw refused(file, `names the stride "${metadata.stride}"`);
  return describe(networkOf(bytes, file, input, String(output?.name)), names, stride, sizes[1] ?? 3);
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

const refused = (file: string, what: string, advice = 'Take an export of a YOLOv5 detection model.') =>
  new ExportError(`${file} is no detector of YOLOv5: it ${what}. ${advice}`);

function sizesOf({ type }: ValueInfo): Sizes {
  return (type?.tensorType?.shape?.dim ?? []).map(({ dimValue, dimParam }) => {
    const size = Number(dimValue ?? 0);
    return dimParam || size <= 0 || size > LARGEST ? undefined : size;
  });
}

/** Class names from the metadata, or as many as the output has columns for. */
function classNames(file: string, literal: string | undefined, output: ValueInfo | undefined): string[] {
  const sizes = output ? sizesOf(output) : [];
  const columns = sizes[2];
  const names = literal === undefined ? undefined : parseNames(literal);
  if (sizes.length !== 3) throw refused(file, 'has no output [N, boxes, 5 + classes]');
  const count = columns === undefined ? names?.length : columns - BOX_VALUES;
  if (count === undefined || count < 1 || (names && names.length !== count) || count > 100_000)
    throw refused(file, `has an output of ${columns} columns for ${names?.length ?? 'unknown'} classes`);
  return names ?? Array.from({ length: count }, (_, i) => `class${i}`);
}

function networkOf(bytes: Uint8Array, file: string, input: ValueInfo, output: string): OnnxNetwork {
  const [batchSize, , height, width] = sizesOf(input);
  return {
    ...{ bytes, file, output, input: String(input.name) },
    half: Number(input.type?.tensorType?.elemType) === ELEMENT.float16,
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(height === undefined || width === undefined ? {} : { size: [height, width] as const }),
  };
}

/** The smallest architecture with those classes, which tells them and the stride. */
function describe(onnx: OnnxNetwork, names: readonly string[], stride: number, channels: number): Detector {
  const family = familyNamed('yolov5');
  const spec = parseModelYaml(
    {
      ...{ nc: names.length, ch: channels, anchors: [[1, 1]] },
      backbone: [[-1, 1, 'Conv', [8, 1, 1]]],
      head: [[[0], 1, 'Detect', ['nc', 'anchors']]],
    },
    { fileName: onnx.file },
  );
  return {
    family,
    model: { ...buildModel(spec, family.head), strides: [stride] },
    tensors: new Map(),
    names,
    onnx,
  };
}
