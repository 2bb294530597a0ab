/** A detector's network as an ONNX graph, up to its predictions. */
import { bindConstants, type Dim, type Graph, input, optimize } from '@froyolo/core';
import { toOnnx } from '@froyolo/core/onnx';
import { type Detector, strideOf } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { decodeOfAnySize } from './decode.js';
import { OnnxGraph, type Size } from './graph.js';

export interface NetworkShape {
  readonly batchSize: Size;
  /** Height and width, or dynamic. */
  readonly imgsz: readonly [height: number, width: number] | 'any';
}

export interface Network {
  readonly graph: OnnxGraph;
  /** Name of the value `[N, boxes, 5 + classes]`. */
  readonly predictions: string;
  readonly imageShape: readonly Size[];
  /** Boxes of an image: a number, or the name of a dynamic size. */
  readonly boxes: Size;
}

/** @throws ExportError when images of any size are asked for and a layer depends on the size */
export function lowerNetwork(detector: Detector, { batchSize, imgsz }: NetworkShape): Network {
  const { channels } = detector.model.spec;
  if (imgsz === 'any') {
    if (detector.family.name !== 'yolov5')
      throw new ExportError(
        `dynamic sizes are for YOLOv5's head: export ${detector.family.name} without them`,
      );
    const graph = ofAnySize(detector, batchSize);
    const predictions = decodeOfAnySize(graph, graph.takeOutputs(), detector.model);
    return { graph, predictions, imageShape: [batchSize, channels, 'height', 'width'], boxes: 'anchors' };
  }
  const built = inference(detector, batchSize, imgsz, true);
  const graph = encode(built);
  const [predictions = ''] = graph.takeOutputs();
  const boxes = built.outputs.predictions?.shape[1] ?? 'anchors';
  return { graph, predictions, imageShape: [batchSize, channels, ...imgsz], boxes };
}

const encode = (graph: Graph) => new OnnxGraph(toOnnx(graph, { contrib: false }).bytes);

/** Weights are constants, normalization is folded; the outputs are the predictions, or Detect's own. */
function inference(
  { family, model, tensors }: Detector,
  batchSize: Dim,
  [height, width]: readonly [number, number],
  decoded: boolean,
): Graph {
  const images = input('images', [batchSize, model.spec.channels, height, width]);
  const { heads } = model.forward(images, { batchNorm: () => 'running' });
  const outputs = decoded
    ? { predictions: family.decode(heads, model) }
    : Object.fromEntries(heads.map((head, level) => [`head${level}`, head]));
  return optimize(bindConstants({ outputs }, tensors));
}

/** A graph without image size in it: lowered for two sizes it is the same. */
function ofAnySize(detector: Detector, batchSize: Dim): OnnxGraph {
  const stride = strideOf(detector);
  const [graph, other] = [2, 4].map((cells) =>
    encode(inference(detector, batchSize, [cells * stride, cells * stride], false)),
  );
  if (!graph || !other || !sameConstants(graph, other))
    throw new ExportError(
      'a layer of this network depends on the image size (C3TR, Focus, Contract or Expand): export it without dynamic sizes',
    );
  return graph;
}

function sameConstants(a: OnnxGraph, b: OnnxGraph): boolean {
  return (
    a.initializers.length === b.initializers.length &&
    a.initializers.every(({ rawData }, i) => sameBytes(rawData, b.initializers[i]?.rawData))
  );
}

type Bytes = Uint8Array | null | undefined;

function sameBytes(a: Bytes, b: Bytes): boolean {
  return a?.length === b?.length && (a?.every((byte, i) => byte === b?.[i]) ?? true);
}
