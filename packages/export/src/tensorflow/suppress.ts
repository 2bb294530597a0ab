/** Non-maximum suppression in a TensorFlow graph, its results as YOLOv5's exports have them. */
import { ExportError } from '../errors.js';
import type { NmsOptions } from '../onnx/nms.js';
import type { Computed, GraphWriter, Sizes } from './graph-writer.js';

/** What stands after the last detection of an image. */
const NOTHING = -1;

/**
 * @param predictions `[N, boxes, 5 + classes]`, boxes as center, width and height
 * @returns corners x1, y1, x2, y2 `[N, topkAll, 4]`, confidences and classes `[N, topkAll]`, counts `[N]`
 * @throws ExportError when the number of images is not known and boxes of all classes suppress each other
 */
export function suppress(
  writer: GraphWriter,
  { tensor, shape }: Computed,
  options: NmsOptions,
): readonly Computed[] {
  const [batch = 1, boxes, columns] = shape;
  const numClasses = Number(columns) - 5;
  const scores = writer.op('Mul', [writer.columns(tensor, 4, 1), writer.columns(tensor, 5, numClasses)]);
  const found = { corners: corners(writer, tensor), scores };
  const tensors = options.agnostic
    ? amongAll(writer, found, { batch, boxes: Number(boxes) }, options)
    : amongClass(writer, found, options);
  const rows: Sizes = [batch, options.topkAll ?? 100];
  const [first = '', second = '', third = '', fourth = ''] = tensors;
  return [
    { tensor: first, shape: [...rows, 4], dtype: 'float32' },
    { tensor: second, shape: rows, dtype: 'float32' },
    { tensor: third, shape: rows, dtype: 'float32' },
    { tensor: fourth, shape: [batch], dtype: 'int32' },
  ];
}

interface Found {
  /** `[N, boxes, 4]` */
  readonly corners: string;
  /** Confidence by class, `[N, boxes, classes]`. */
  readonly scores: string;
}

/** Center, width and height to corners. */
function corners(writer: GraphWriter, predictions: string): string {
  const center = writer.columns(predictions, 0, 2);
  const half = writer.op('Mul', [writer.columns(predictions, 2, 2), writer.builder.float(0.5)]);
  return writer.concat([writer.op('Sub', [center, half]), writer.op('AddV2', [center, half])], 2);
}

/** By TensorFlow's op for all images and classes at once. */
function amongClass(writer: GraphWriter, { corners, scores }: Found, options: NmsOptions): string[] {
  const { topkPerClass = 100, topkAll = 100, iouThres = 0.45, confThres = 0.25 } = options;
  const { builder, attr } = writer;
  // [N, boxes, 1, 4]: the same boxes for every class.
  const shared = builder.emit('ExpandDims', [corners, builder.int32(2)], {
    attrs: { T: attr.type('float32'), Tdim: attr.type('int32') },
  });
  const limits = [builder.int32(topkPerClass), builder.int32(topkAll)];
  const thresholds = [builder.float(iouThres), builder.float(confThres)];
  const name = builder.emit('CombinedNonMaxSuppression', [shared, scores, ...limits, ...thresholds], {
    attrs: { pad_per_class: attr.bool(false), clip_boxes: attr.bool(false) },
  });
  return [name, `${name}:1`, `${name}:2`, `${name}:3`];
}

interface Images {
  readonly batch: number | string;
  readonly boxes: number;
}

/** Image by image; a box counts for its best class. */
function amongAll(
  writer: GraphWriter,
  { corners, scores }: Found,
  { batch, boxes }: Images,
  options: NmsOptions,
): string[] {
  if (typeof batch === 'string')
    throw new ExportError('suppression among all classes needs a fixed batch: leave out --dynamic');
  const { builder, attr } = writer;
  const axis = builder.int32(2);
  const best = writer.op('Max', [scores, axis], 'float32', { Tidx: attr.type('int32') });
  const index = writer.op('ArgMax', [scores, axis], 'float32', {
    Tidx: attr.type('int32'),
    output_type: attr.type('int32'),
  });
  const values = { corners, best, classes: writer.cast(index, 'int32', 'float32') };
  const images = Array.from({ length: batch }, (_, image) =>
    ofImage(writer, values, { image, boxes }, options),
  );
  const joined = (part: keyof ImageDetections, dtype: 'float32' | 'int32') =>
    writer.pack(
      images.map((one) => one[part]),
      dtype,
    );
  return [
    joined('corners', 'float32'),
    joined('scores', 'float32'),
    joined('classes', 'float32'),
    joined('count', 'int32'),
  ];
}

type ImageDetections = Readonly<Record<'corners' | 'scores' | 'classes' | 'count', string>>;

function ofImage(
  writer: GraphWriter,
  values: Readonly<Record<'corners' | 'best' | 'classes', string>>,
  { image, boxes }: { readonly image: number; readonly boxes: number },
  { topkAll = 100, iouThres = 0.45, confThres = 0.25 }: NmsOptions,
): ImageDetections {
  const { builder, attr } = writer;
  const rows = (tensor: string) => writer.reshape(writer.slice(tensor, [image, 0], [1, -1]), [boxes]);
  const corners = writer.reshape(writer.slice(values.corners, [image, 0, 0], [1, -1, -1]), [boxes, 4]);
  const scores = rows(values.best);
  const most = Math.min(topkAll, boxes);
  const limits = [builder.int32(most), builder.float(iouThres), builder.float(confThres)];
  // Indices [most], zeros after the last, and how many there are.
  const kept = writer.op('NonMaxSuppressionV4', [corners, scores, ...limits], 'float32', {
    T_threshold: attr.type('float32'),
    pad_to_max_output_size: attr.bool(true),
  });
  const count = `${kept}:1`;
  const places = builder.int32s(Array.from({ length: most }, (_, place) => place));
  const isThere = writer.op('Less', [places, count], 'int32');
  const orNothing = (tensor: string) =>
    filled(writer, select(writer, isThere, writer.gather(tensor, kept)), topkAll - most);
  const mask = writer.reshape(writer.cast(isThere, 'bool', 'float32'), [most, 1]);
  return {
    corners: padded(writer, writer.op('Mul', [writer.gather(corners, kept), mask]), topkAll - most),
    scores: orNothing(scores),
    classes: orNothing(rows(values.classes)),
    count,
  };
}

const select = (writer: GraphWriter, condition: string, x: string) =>
  writer.op('SelectV2', [condition, x, writer.builder.float(NOTHING)]);

/** Rows of `NOTHING` where an image has fewer boxes than are asked for. */
function filled(writer: GraphWriter, x: string, missing: number): string {
  if (missing === 0) return x;
  return writer.concat([x, writer.builder.floats(Array<number>(missing).fill(NOTHING))], 0);
}

function padded(writer: GraphWriter, x: string, missing: number): string {
  if (missing === 0) return x;
  const zeros = { dtype: 'float32', shape: [missing, 4], data: new Float32Array(missing * 4) } as const;
  return writer.concat([x, writer.builder.constant(zeros)], 0);
}
