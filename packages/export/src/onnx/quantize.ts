/**
 * Static 8-bit quantization in the QDQ form (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html):
 * pairs of QuantizeLinear and DequantizeLinear around the ops that runtimes have 8-bit kernels for.
 */
import { type CalibrationOptions, measureRanges } from './calibrate.js';
import { type ElementType, type Initializer, OnnxGraph, type OnnxNode } from './graph.js';
import type { Range } from './histogram.js';

export type { CalibrationOptions } from './calibrate.js';

/** Ops that onnxruntime runs on 8-bit values. */
const QUANTIZED = new Set(['Conv', 'Sigmoid', 'Mul', 'Add', 'Concat', 'MaxPool', 'Resize']);
/** Quantized ops whose result has the scale of their input. */
const MOVES = new Set(['MaxPool', 'Resize']);
/** The first opset in which a scale may differ by channel. */
const MIN_OPSET = 13;
/** Below this, SiLU gives less than .003 in size, so the range of its input ends here. */
const SILU_FLOOR = -8;
/** Largest weight, and what stands for 0: unsigned, because kernels for AVX2 that take signed ones add up in 16 bits. */
const WEIGHT_LIMIT = 127;
const WEIGHT_ZERO = 128;
const ACTIVATION_LEVELS = 255;

interface Scale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * The model with 8-bit convolutions, but for the first and those of Detect: boxes and scores are computed in float32, from
 * weights that are stored in 8 bits.
 * @param bytes an ONNX model of this package, float32
 */
export async function quantizeOnnx(bytes: Uint8Array, options: CalibrationOptions): Promise<Uint8Array> {
  const graph = new OnnxGraph(bytes);
  const opset = Math.max(MIN_OPSET, graph.opset);
  const { upstream, last } = partsOf(graph);
  const network = withoutFirst(upstream);
  const activations = quantizedValues(network);
  const ranges = await measureRanges(graph, opset, [...activations], options);
  const scales = new Map([...activations].map((name) => [name, scaleOf(rangeFor(name, graph, ranges))]));
  for (const node of network)
    if (MOVES.has(String(node.opType))) copyScale(scales, node.input?.[0], node.output?.[0]);
  insertPairs(graph, network, scales);
  for (const node of last) storeSmall(graph, node);
  graph.prune();
  return graph.encode(opset, graph.metadata);
}

interface Parts {
  /** The nodes whose results some convolution reads. */
  readonly upstream: ReadonlySet<OnnxNode>;
  /** The convolutions that no other reads from: Detect's own. */
  readonly last: readonly OnnxNode[];
}

function partsOf(graph: OnnxGraph): Parts {
  const needed = new Set<string>();
  const upstream = new Set<OnnxNode>();
  const last: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    const isNeeded = node.output?.some((name) => needed.has(name));
    if (isNeeded) upstream.add(node);
    else if (node.opType === 'Conv') last.push(node);
    else continue;
    for (const name of node.input ?? []) needed.add(name);
  }
  return { upstream, last };
}

/** The first convolution stays in float32: it has few weights, and its errors affect the whole network. */
function withoutFirst(network: ReadonlySet<OnnxNode>): ReadonlySet<OnnxNode> {
  const convolutions = [...network].filter(({ opType }) => opType === 'Conv');
  // Collected from the end on.
  const first = convolutions.at(-1);
  return new Set([...network].filter((node) => node !== first));
}

/** Names of the values that become 8-bit: what convolutions read, and what ops with 8-bit kernels make for each other. */
function quantizedValues(network: ReadonlySet<OnnxNode>): Set<string> {
  const read = new Set([...network].flatMap(({ input }) => input ?? []));
  const names = new Set<string>();
  for (const { opType, input, output } of network) {
    if (opType === 'Conv' && input?.[0]) names.add(input[0]);
    if (QUANTIZED.has(String(opType)) && output?.[0] && read.has(output[0])) names.add(output[0]);
  }
  return names;
}

function rangeFor(name: string, graph: OnnxGraph, ranges: ReadonlyMap<string, Range>): Range {
  const { min, max } = ranges.get(name) ?? { min: 0, max: 1 };
  const isActivated = graph.readersOf(name).some(({ opType }) => opType === 'Sigmoid');
  return { min: isActivated ? Math.max(min, SILU_FLOOR) : min, max };
}

/** Zero is always exact: padding is. */
function scaleOf({ min, max }: Range): Scale {
  const scale = Math.max(max - min, 1e-6) / ACTIVATION_LEVELS;
  return { scale, zeroPoint: Math.round(-min / scale) };
}

function copyScale(scales: Map<string, Scale>, from: string | undefined, to: string | undefined): void {
  const scale = from === undefined ? undefined : scales.get(from);
  if (scale && to !== undefined && scales.has(to)) scales.set(to, scale);
}

function insertPairs(
  graph: OnnxGraph,
  network: ReadonlySet<OnnxNode>,
  scales: ReadonlyMap<string, Scale>,
): void {
  const nodes = graph.nodes.splice(0);
  const quantized = new Map<string, string>();
  const add = (name: string) => {
    const scale = scales.get(name);
    if (scale) quantized.set(name, pair(graph, name, scale));
  };
  for (const { name } of graph.inputs) add(String(name));
  for (const node of nodes) {
    if (network.has(node)) quantizeInputs(graph, node, quantized, scales);
    graph.nodes.push(node);
    for (const name of node.output ?? []) add(name);
  }
}

/** Quantizes and dequantizes a value; returns the name of the result. */
function pair(graph: OnnxGraph, name: string, { scale, zeroPoint }: Scale): string {
  const parameters = [graph.floats([scale], []), graph.constant('uint8', Uint8Array.of(zeroPoint), [])];
  return graph.emit('DequantizeLinear', [graph.emit('QuantizeLinear', [name, ...parameters]), ...parameters]);
}

function quantizeInputs(
  graph: OnnxGraph,
  node: OnnxNode,
  quantized: ReadonlyMap<string, string>,
  scales: ReadonlyMap<string, Scale>,
): void {
  const [x, weight, bias] = node.input ?? [];
  const constant = node.opType === 'Conv' && weight ? graph.initializer(weight) : undefined;
  const inputScale = x === undefined ? undefined : scales.get(x);
  node.input = (node.input ?? []).map((name) => quantized.get(name) ?? name);
  if (!constant || !inputScale) return;
  const { name, factors } = quantizedWeight(graph, constant);
  const biasName =
    bias &&
    quantizedBias(
      graph,
      bias,
      Array.from(factors, (factor) => factor * inputScale.scale),
    );
  node.input = [node.input[0] ?? '', name, ...(biasName ? [biasName] : [])];
}

/** Keeps a convolution in float32 with weights that are stored in 8 bits. */
function storeSmall(graph: OnnxGraph, node: OnnxNode): void {
  const [x = '', weight = '', ...bias] = node.input ?? [];
  const constant = graph.initializer(weight);
  if (!constant) return;
  const { name } = quantizedWeight(graph, constant);
  // What it reads must be there before it.
  const maker = graph.nodes.pop();
  if (maker) graph.nodes.splice(graph.nodes.indexOf(node), 0, maker);
  node.input = [x, name, ...bias];
}

/** Whole numbers around zero with a scale for each output channel. */
function quantizedWeight(graph: OnnxGraph, { rawData, dims }: Initializer) {
  const values = new Float32Array(new Uint8Array(rawData ?? []).buffer);
  const shape = (dims ?? []).map(Number);
  const [channels = 1] = shape;
  const perChannel = values.length / channels;
  const ints = new Uint8Array(values.length);
  const factors = Float32Array.from({ length: channels }, (_, channel) => {
    const part = values.subarray(channel * perChannel, (channel + 1) * perChannel);
    const factor = Math.max(largest(part), 1e-9) / WEIGHT_LIMIT;
    part.forEach((value, i) => {
      ints[channel * perChannel + i] = Math.round(value / factor) + WEIGHT_ZERO;
    });
    return factor;
  });
  const zeros = new Uint8Array(channels).fill(WEIGHT_ZERO);
  return { name: dequantized(graph, 'uint8', { ints, zeros }, shape, factors), factors };
}

function largest(values: Float32Array): number {
  let found = 0;
  for (const value of values) found = Math.max(found, Math.abs(value));
  return found;
}

/** In units of the accumulator. */
function quantizedBias(graph: OnnxGraph, bias: string, factors: readonly number[]): string {
  const values = new Float32Array(new Uint8Array(graph.initializer(bias)?.rawData ?? []).buffer);
  const ints = Int32Array.from(values, (value, i) => Math.round(value / (factors[i] ?? 1)));
  const zeros = new Int32Array(ints.length);
  return dequantized(graph, 'int32', { ints, zeros }, [ints.length], Float32Array.from(factors));
}

function dequantized(
  graph: OnnxGraph,
  dtype: ElementType,
  { ints, zeros }: Readonly<Record<'ints' | 'zeros', Uint8Array | Int32Array>>,
  shape: readonly number[],
  factors: Float32Array,
): string {
  const inputs = [
    graph.constant(dtype, ints, shape),
    graph.floats(factors),
    graph.constant(dtype, zeros, [factors.length]),
  ];
  return graph.emit('DequantizeLinear', inputs, { axis: 0 });
}
