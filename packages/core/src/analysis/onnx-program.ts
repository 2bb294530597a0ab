/**
 * What onnxruntime makes of a graph: the lowered nodes in the order in which it runs them, with the shapes of all
 * values.
 */
import type { EmittedNode, Initializer } from '../executors/onnx/model-builder.js';
import { lowerGraph } from '../executors/onnx/to-onnx.js';
import type { Graph } from '../graph/node.js';
import { type OnnxValue, outputsOf } from './onnx-shapes.js';

/** What onnxruntime has on most machines; the shapes are the same with 8. */
const BLOCK_SIZE = 16;

/** Longer constants aren't shapes or axes. */
const SHORT = 64;

export interface OnnxStep {
  readonly node: EmittedNode;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxProgramPlan {
  readonly steps: readonly OnnxStep[];
  /** Names of the values that outlive the run. */
  readonly results: ReadonlySet<string>;
  /** Names of the values that are there before it: inputs, parameters, constants. */
  readonly given: ReadonlySet<string>;
  readonly constants: ReadonlySet<string>;
  /** Bytes of the constants. */
  readonly constantBytes: number;
}

/** @param graph its sizes are numbers: see `withSizes` */
export function planOnnxProgram(graph: Graph): OnnxProgramPlan {
  const { builder, inputs, params, outputs } = lowerGraph(graph, { blockSize: BLOCK_SIZE, onCpu: true });
  const values = new Map<string, OnnxValue>();
  for (const initializer of builder.initializers) values.set(initializer.name, constantValue(initializer));
  const constants = new Set(values.keys());
  for (const { name, dtype, shape } of [...inputs, ...params])
    values.set(name, { dtype, shape: shape as readonly number[] });
  const given = new Set(values.keys());
  const steps = new Map<EmittedNode, OnnxStep>();
  const results = new Set<string>();
  const ends = new Set(outputs.map(({ name }) => name));
  for (const node of builder.nodes) {
    // An output's own name is a copy in the model; onnxruntime gives the value that name instead.
    if (node.opType === 'Identity' && ends.has(node.outputs[0]!)) {
      results.add(node.inputs[0]!);
      continue;
    }
    const known = node.inputs.map((name) => values.get(name) ?? ABSENT);
    const made = outputsOf(node, known);
    node.outputs.forEach((name, i) => {
      values.set(name, made[i]!);
    });
    // Computed once, when the session is made.
    if (node.inputs.every((name) => name === '' || constants.has(name)))
      for (const name of node.outputs) {
        constants.add(name);
        given.add(name);
      }
    else steps.set(node, { node, inputs: known, outputs: made.slice(0, node.outputs.length) });
  }
  return {
    steps: executionOrder([...steps.keys()]).map((node) => steps.get(node)!),
    results,
    given,
    constants,
    constantBytes: builder.initializers.reduce((sum, { data }) => sum + data.byteLength, 0),
  };
}

const ABSENT: OnnxValue = { dtype: 'float32', shape: [0] };

function constantValue({ dtype, dims, data }: Initializer): OnnxValue {
  if (dims.reduce((a, b) => a * b, 1) > SHORT) return { dtype, shape: dims };
  return { dtype, shape: dims, known: numbersOf(dtype, data.slice().buffer) };
}

function numbersOf(dtype: Initializer['dtype'], buffer: ArrayBuffer): number[] {
  if (dtype === 'int64') return Array.from(new BigInt64Array(buffer), Number);
  if (dtype === 'int32') return [...new Int32Array(buffer)];
  return dtype === 'uint8' ? [...new Uint8Array(buffer)] : [...new Float32Array(buffer)];
}

/**
 * onnxruntime doesn't keep the order of a model: it walks back from the nodes whose results nobody reads, the last
 * first, and at each node to the latest of its inputs first.
 */
function executionOrder(nodes: readonly EmittedNode[]): EmittedNode[] {
  const producers = new Map(nodes.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
  const sources = nodes.map(({ inputs }) =>
    [...new Set(inputs.map((name) => producers.get(name)))]
      .filter((i) => i !== undefined)
      .sort((a, b) => a - b),
  );
  const read = new Set(sources.flat());
  const pending = nodes.flatMap((_, i) => (read.has(i) ? [] : [{ i, done: false }]));
  const seen = new Set<number>();
  const order: EmittedNode[] = [];
  while (pending.length > 0) {
    const { i, done } = pending.pop()!;
    if (done) order.push(nodes[i]!);
    if (done || seen.has(i)) continue;
    seen.add(i);
    pending.push({ i, done: true });
    for (const source of sources[i]!) if (!seen.has(source)) pending.push({ i: source, done: false });
  }
  return order;
}
