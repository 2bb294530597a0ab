/** Decoding of Detect's outputs in ONNX for images of any size: as the family does for a known one. */
import type { Model } from '@froyolo/model-yaml';
import type { OnnxGraph } from './graph.js';

/** Values per anchor before the classes: x, y, width, height, objectness. */
const BOX_VALUES = 5;

/**
 * @param heads per level `[N, anchors · (5 + classes), height, width]`
 * @returns `[N, boxes, 5 + classes]`
 */
export function decodeOfAnySize(
  graph: OnnxGraph,
  heads: readonly string[],
  model: Pick<Model, 'anchors' | 'strides' | 'numClasses'>,
): string {
  const levels = heads.map((head, level) =>
    decodeLevel(graph, head, {
      anchors: model.anchors[level] ?? [],
      stride: model.strides[level] ?? 1,
      values: BOX_VALUES + model.numClasses,
    }),
  );
  return levels.length === 1 ? String(levels[0]) : graph.emit('Concat', levels, { axis: 1 });
}

interface Level {
  readonly anchors: readonly (readonly number[])[];
  readonly stride: number;
  readonly values: number;
}

function decodeLevel(graph: OnnxGraph, head: string, { anchors, stride, values }: Level): string {
  const size = slice(graph, graph.emit('Shape', [head]), 0, 2, 4);
  const split = graph.emit('Concat', [graph.ints([0, anchors.length, values]), size], { axis: 0 });
  const perAnchor = graph.emit('Reshape', [graph.emit('Sigmoid', [head]), split]);
  // [N, anchors, height, width, values]
  const rows = graph.emit('Transpose', [perAnchor], { perm: [0, 1, 3, 4, 2] });
  const part = (start: number, end: number) => slice(graph, rows, 4, start, end);
  const scaled = graph.emit('Mul', [part(0, 2), graph.floats([2 * stride])]);
  const center = graph.emit('Add', [scaled, corners(graph, size, stride)]);
  const sides = graph.floats(
    anchors.flatMap((pair) => pair.map((side) => 4 * side)),
    [1, anchors.length, 1, 1, 2],
  );
  const sigma = part(2, 4);
  const extent = graph.emit('Mul', [graph.emit('Mul', [sigma, sigma]), sides]);
  const decoded = graph.emit('Concat', [center, extent, part(4, values)], { axis: 4 });
  return graph.emit('Reshape', [decoded, graph.ints([0, -1, values])]);
}

/** What is added to 2σ · stride: the cell's corner less half a cell, `[1, 1, height, width, 2]`. */
function corners(graph: OnnxGraph, size: string, stride: number): string {
  const shape = graph.emit('Concat', [graph.ints([1, 1]), size, graph.ints([1])], { axis: 0 });
  const along = (axis: number, target: readonly number[]) => {
    // Without axes: where they stand depends on the opset.
    const count = graph.emit('Squeeze', [slice(graph, size, 0, axis, axis + 1)]);
    const cells = graph.emit('Range', [graph.ints([0], []), count, graph.ints([1], [])]);
    const pixels = graph.emit('Mul', [graph.emit('Cast', [cells], { to: 1 }), graph.floats([stride])]);
    const shifted = graph.emit('Add', [pixels, graph.floats([-stride / 2])]);
    return graph.emit('Expand', [graph.emit('Reshape', [shifted, graph.ints(target)]), shape]);
  };
  return graph.emit('Concat', [along(1, [1, 1, 1, -1, 1]), along(0, [1, 1, -1, 1, 1])], { axis: 4 });
}

export function slice(graph: OnnxGraph, value: string, axis: number, start: number, end: number): string {
  return graph.emit('Slice', [value, graph.ints([start]), graph.ints([end]), graph.ints([axis])]);
}
