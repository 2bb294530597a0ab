/** A detector's network as a graph of TensorFlow, weights and all. */
import { bindConstants, type Graph, input, ops, optimize } from '@froyolo/core';
import type { NodeDef } from '@froyolo/core/tensorflow';
import type { Detector } from '@froyolo/yolo';
import { imageSize } from '../image-size.js';
import type { NmsOptions } from '../onnx/nms.js';
import type { OnnxOptions } from '../onnx/write.js';
import { type Computed, GraphWriter, type Sizes } from './graph-writer.js';
import { suppress } from './suppress.js';

/** What of an export's options counts for TensorFlow. */
export type TensorflowOptions = Pick<OnnxOptions, 'imgsz' | 'batchSize' | 'dynamic' | 'half' | 'nms'>;

/** A value that a graph takes or gives, by the name of its node. */
export interface GraphValue extends Omit<Computed, 'tensor'> {
  readonly name: string;
}

export interface FrozenGraph {
  readonly nodes: readonly NodeDef[];
  readonly input: GraphValue;
  readonly outputs: readonly GraphValue[];
}

/** Names as TensorFlow's own tools give them to YOLOv5's exports. */
export const INPUT = 'x';
const outputName = (index: number) => (index === 0 ? 'Identity' : `Identity_${index}`);
/** Node with the predictions before suppression. */
export const PREDICTIONS = 'predictions';

/**
 * Input `x` `[N, H, W, 3]`, values in 0..1; output `Identity` `[N, boxes, 5 + classes]`, boxes as fractions of the image.
 * With suppression `Identity` to `Identity_3`: corners `[N, topk, 4]`, confidences and classes `[N, topk]`, counts `[N]`.
 */
export async function freezeGraph(detector: Detector, options: TensorflowOptions): Promise<FrozenGraph> {
  const tensorflow = await import('@froyolo/core/tensorflow');
  const graph = servingGraph(detector, options);
  const { builder, outputs } = tensorflow.lowerToGraphDef(graph);
  const writer = new GraphWriter(builder, tensorflow.attr);
  const shape = graph.outputs[PREDICTIONS]?.shape ?? [];
  const predictions: Computed = {
    shape,
    dtype: 'float32',
    tensor: writer.identity(outputs[PREDICTIONS] ?? '', 'float32', PREDICTIONS),
  };
  const given = options.nms ? suppress(writer, predictions, nmsOptions(options.nms)) : [predictions];
  const values = given.map(({ tensor, ...value }, index) => ({
    ...value,
    name: writer.identity(tensor, value.dtype, outputName(index)),
  }));
  return {
    nodes: builder.neededFor([INPUT, ...values.map(({ name }) => name)]),
    input: { name: INPUT, shape: imageShape(detector, options), dtype: 'float32' },
    outputs: values,
  };
}

const nmsOptions = (nms: true | NmsOptions): NmsOptions => (nms === true ? {} : nms);

function imageShape({ model }: Detector, { imgsz = 640, batchSize = 1, dynamic }: TensorflowOptions): Sizes {
  const [height, width] = imageSize(imgsz, Math.max(...model.strides));
  return [dynamic ? 'batch' : batchSize, height, width, model.spec.channels];
}

function servingGraph(detector: Detector, options: TensorflowOptions): Graph {
  const { family, model, tensors } = detector;
  const shape = imageShape(detector, options);
  const images = input(INPUT, shape);
  const { heads } = model.forward(ops.transpose(images, [0, 3, 1, 2]), { batchNorm: () => 'running' });
  const predictions = family.decode(heads, model);
  const [, height, width] = shape.map(Number);
  const boxes = [0, 1, 2, 3].map((column) => {
    const side = Number(column % 2 === 0 ? width : height);
    return ops.div(ops.slice(predictions, 2, column, column + 1), side);
  });
  const rest = ops.slice(predictions, 2, 4, 5 + model.numClasses);
  const outputs = { [PREDICTIONS]: ops.concat([...boxes, rest], 2) };
  return optimize(bindConstants({ outputs }, tensors));
}
