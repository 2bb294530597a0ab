/** The one lowering of a graph to an ONNX model, for running it and for exporting it. */
import { isNamedLeaf, madeOf, namedLeaves } from '../../graph/leaves.js';
import {
  type Dim,
  type Graph,
  GraphError,
  type Node,
  type Shape,
  topologicalOrder,
} from '../../graph/node.js';
import { opNode } from '../../ops/op-node.js';
import type { LoweringContext } from './context.js';
import { lowerTyped } from './half.js';
import { NO_LOWERING } from './lowering.js';
import { ModelBuilder, type ValueInfo } from './model-builder.js';
import { completeTarget, type OnnxTarget } from './target.js';

/** Target of the model; by default any provider of onnxruntime. */
export type OnnxOptions = Partial<OnnxTarget>;

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** `input` leaves. */
  readonly inputs: readonly ValueInfo[];
  /** `param` leaves, fed from the store. */
  readonly params: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Encodes the graph; `input` and `param` leaves become ONNX inputs of their names, constants become initializers. */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): OnnxModel {
  const { builder, inputs, params, outputs } = lowerGraph(graph, options);
  return { bytes: builder.encode([...inputs, ...params], outputs), inputs, params, outputs };
}

/** A model that is not encoded yet. */
export interface LoweredGraph extends Omit<OnnxModel, 'bytes'> {
  readonly builder: ModelBuilder;
}

export function lowerGraph(graph: Graph, options: OnnxOptions = {}): LoweredGraph {
  const order = topologicalOrder(Object.values(graph.outputs));
  const leaves = namedLeaves(order);
  const inputs = leaves.filter(({ op }) => op === 'input').map(valueInfo);
  const params = leaves.filter(({ op }) => op === 'param').map(valueInfo);
  const builder = new ModelBuilder();
  const values = new Map<Node, string>();
  const context: LoweringContext = {
    ...completeTarget(options),
    builder,
    nameOf: (node) => madeOf(values, node),
    floats: (data, shape) => builder.floats(data, shape),
    shapeTensor: (shape) => shapeTensor(builder, shape, [...inputs, ...params]),
  };
  for (const node of order) values.set(node, lower(context, node));
  for (const [name, node] of Object.entries(graph.outputs))
    builder.identity(madeOf(values, node), outputName(name));
  const outputs = Object.entries(graph.outputs).map(([name, node]) => ({
    ...valueInfo(node),
    name: outputName(name),
  }));
  return { builder, inputs, params, outputs };
}

/** Outputs may be called as inputs are (a parameter and its next value); ONNX wants one name for one value. */
export const outputName = (name: string) => `out:${name}`;

function lower(context: LoweringContext, node: Node): string {
  if (isNamedLeaf(node)) return node.name;
  if (node.value) return context.builder.tensor(node.value);
  return lowerTyped(context, opNode(node, NO_LOWERING));
}

function valueInfo({ name, dtype, shape }: Node): ValueInfo {
  return { name: name ?? '', dtype, shape };
}

function shapeTensor(builder: ModelBuilder, shape: Shape, inputs: readonly ValueInfo[]): string {
  if (shape.every((d) => typeof d === 'number')) return builder.int64s(shape);
  const sizes = shape.map((d) =>
    typeof d === 'number' ? builder.int64s([d]) : symbolSize(builder, d, inputs),
  );
  return sizes.length === 1 ? sizes[0] : builder.emit('Concat', sizes, { attrs: { axis: 0 } });
}

/** Size of a symbol, or of a product such as `batch*100`, read off an input that has it as an axis. */
function symbolSize(builder: ModelBuilder, symbol: Dim, inputs: readonly ValueInfo[]): string {
  const factors = String(symbol)
    .split('*')
    .map((factor) =>
      Number.isNaN(Number(factor)) ? axisSize(builder, factor, inputs) : builder.int64s([Number(factor)]),
    );
  return factors.reduce((a, b) => builder.emit('Mul', [a, b]));
}

function axisSize(builder: ModelBuilder, symbol: string, inputs: readonly ValueInfo[]): string {
  const source = inputs.find((value) => value.shape.includes(symbol));
  if (!source) throw new GraphError(`no input has an axis of size "${symbol}"`);
  const axis = source.shape.indexOf(symbol);
  return builder.emit('Slice', [
    builder.emit('Shape', [source.name]),
    ...[axis, axis + 1, 0].map((v) => builder.int64s([v])),
  ]);
}
