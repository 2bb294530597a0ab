/** Non-maximum suppression in an ONNX graph. */
import { slice } from './decode.js';
import type { OnnxGraph } from './graph.js';

export interface NmsOptions {
  /** Objectness, and confidence (objectness · class probability), must be above this. Default 0.25. */
  readonly confThres?: number;
  /** A box that overlaps a better one by more than this is dropped. Default 0.45. */
  readonly iouThres?: number;
  /** Boxes of different classes suppress each other too. Default false. */
  readonly agnostic?: boolean;
  /** Detections of a class at most. Default 100. */
  readonly topkPerClass?: number;
  /** Detections of an image at most. Default 100. */
  readonly topkAll?: number;
}

/** Columns of a detection: x1, y1, x2, y2, confidence, class. */
export const DETECTION_COLUMNS = 6;

/**
 * A box counts for its best class, as in detection with YOLOv5. Rows after the last detection are zero.
 * @param predictions `[N, boxes, 5 + classes]`, float32
 * @returns `[N, topkAll, 6]`, the most confident first
 */
export function suppress(
  graph: OnnxGraph,
  predictions: string,
  numClasses: number,
  options: NmsOptions,
): string {
  const { topkAll = 100 } = options;
  const boxes = slice(graph, predictions, 2, 0, 4);
  const { confidence, classes } = bestClass(graph, predictions, numClasses);
  const kept = keptConfidence(graph, boxes, { confidence, classes }, numClasses, options);
  // Output has the requested number of rows even if the image has fewer boxes.
  const padded = graph.emit('Concat', [kept, zeros(graph, kept, [topkAll])], { axis: 1 });
  const [best = '', index = ''] = graph.emitAll('TopK', [padded, graph.ints([topkAll])], { axis: 1 }, 2);
  const rows = graph.emit('Concat', [corners(graph, boxes), graph.emit('Cast', [classes], { to: 1 })], {
    axis: 2,
  });
  const all = graph.emit('Concat', [rows, zeros(graph, rows, [topkAll, 5])], { axis: 1 });
  const indices = graph.emit('Expand', [last(graph, index), graph.ints([1, 1, 5])]);
  const picked = graph.emit('GatherElements', [all, indices], { axis: 1 });
  const score = last(graph, best);
  const detections = graph.emit(
    'Concat',
    [slice(graph, picked, 2, 0, 4), score, slice(graph, picked, 2, 4, 5)],
    { axis: 2 },
  );
  const isThere = graph.emit('Cast', [graph.emit('Greater', [score, graph.floats([0], [])])], { to: 1 });
  return graph.emit('Mul', [detections, isThere]);
}

/** Confidence `[N, boxes]` and index `[N, boxes, 1]` of each box's best class. */
function bestClass(graph: OnnxGraph, predictions: string, numClasses: number) {
  const objectness = slice(graph, predictions, 2, 4, 5);
  const scores = graph.emit('Mul', [slice(graph, predictions, 2, 5, 5 + numClasses), objectness]);
  return {
    confidence: graph.emit('ReduceMax', [scores], { axes: [2], keepdims: 0 }),
    classes: graph.emit('ArgMax', [scores], { axis: 2, keepdims: 1 }),
  };
}

/** The confidence of each box that stays, `[N, boxes]`; 0 for the others. */
function keptConfidence(
  graph: OnnxGraph,
  boxes: string,
  { confidence, classes }: ReturnType<typeof bestClass>,
  numClasses: number,
  { confThres = 0.25, iouThres = 0.45, agnostic = false, topkPerClass = 100, topkAll = 100 }: NmsOptions,
): string {
  const groups = agnostic
    ? graph.emit('Reshape', [confidence, graph.ints([0, 1, -1])])
    : byClass(graph, confidence, classes, numClasses);
  const limits = [
    graph.ints([agnostic ? topkAll : topkPerClass]),
    graph.floats([iouThres]),
    graph.floats([confThres]),
  ];
  const selected = graph.emit('NonMaxSuppression', [boxes, groups, ...limits], { center_point_box: 1 });
  const place = graph.emit('Gather', [selected, graph.ints([0, 2])], { axis: 1 });
  const none = graph.emit('Mul', [confidence, graph.floats([0], [])]);
  return graph.emit('ScatterND', [none, place, graph.emit('GatherND', [confidence, place])]);
}

/** `[N, classes, boxes]`: a box's confidence at its class, 0 at the others. */
function byClass(graph: OnnxGraph, confidence: string, classes: string, numClasses: number): string {
  const indices = Array.from({ length: numClasses }, (_, i) => i);
  const isClass = graph.emit('Equal', [classes, graph.ints(indices, [1, 1, numClasses])]);
  const chosen = graph.emit('Mul', [graph.emit('Cast', [isClass], { to: 1 }), last(graph, confidence)]);
  return graph.emit('Transpose', [chosen], { perm: [0, 2, 1] });
}

/** Center, width and height to corners. */
function corners(graph: OnnxGraph, boxes: string): string {
  const half = graph.emit('Mul', [slice(graph, boxes, 2, 2, 4), graph.floats([0.5], [])]);
  const center = slice(graph, boxes, 2, 0, 2);
  return graph.emit('Concat', [graph.emit('Sub', [center, half]), graph.emit('Add', [center, half])], {
    axis: 2,
  });
}

/** `[N, n]` to `[N, n, 1]`. */
const last = (graph: OnnxGraph, value: string) => graph.emit('Reshape', [value, graph.ints([0, -1, 1])]);

/** Zeros, `[N, ...shape]` with the N of `value`. */
function zeros(graph: OnnxGraph, value: string, shape: readonly number[]): string {
  const batch = slice(graph, graph.emit('Shape', [value]), 0, 0, 1);
  const target = graph.emit('Concat', [batch, graph.ints(shape)], { axis: 0 });
  return graph.emit('Expand', [graph.floats([0], []), target]);
}
