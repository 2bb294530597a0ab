/** The lowering writes opset 17; here are the few ops that other versions write differently. */
import type { OnnxGraph, OnnxNode } from './graph.js';

export const DEFAULT_OPSET = 12;
export const MIN_OPSET = 12;
export const MAX_OPSET = 21;

/** Rewrites the nodes of a graph in opset 17 for another one. */
export function toOpset(graph: OnnxGraph, opset: number): void {
  for (const node of graph.nodes) {
    if (opset < 13 && node.opType === 'ReduceSum') axesAsAttribute(graph, node);
    if (opset >= 18 && node.opType === 'ReduceMax') axesAsInput(graph, node);
    if (opset < 13 && node.opType === 'Resize') withRegion(graph, node);
  }
  graph.prune();
}

/** Writes the axes of a sum as an attribute; from opset 13 on they are an input. */
function axesAsAttribute(graph: OnnxGraph, node: OnnxNode): void {
  const [x, axes] = node.input ?? [];
  if (x === undefined || axes === undefined) return;
  const raw = new Uint8Array(graph.initializer(axes)?.rawData ?? []);
  const ints = Array.from(new BigInt64Array(raw.buffer), Number);
  node.input = [x];
  node.attribute = [...(node.attribute ?? []), { name: 'axes', type: 7, ints }];
}

/** Writes the axes of a maximum as an input, as it is from opset 18 on. */
function axesAsInput(graph: OnnxGraph, node: OnnxNode): void {
  const axes = node.attribute?.find(({ name }) => name === 'axes');
  node.attribute = node.attribute?.filter((attribute) => attribute !== axes) ?? [];
  node.input = [...(node.input ?? []), graph.ints((axes?.ints ?? []).map(Number))];
}

/** Before opset 13 the region that a resize reads can't be left out, only be empty. */
function withRegion(graph: OnnxGraph, node: OnnxNode): void {
  const [x, region, ...rest] = node.input ?? [];
  if (x !== undefined && region === '') node.input = [x, graph.floats([]), ...rest];
}
