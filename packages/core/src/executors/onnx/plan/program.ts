/**
 * What onnxruntime makes of a graph: the lowered nodes in the order in which it runs them, with the shapes of all
 * values.
 */
import { numel } from '@froyolo/common';
import { toFloat32 } from '../../../graph/float16.js';
import type { Graph } from '../../../graph/node.js';
import { fixedShape } from '../../../ops/shapes.js';
import type { EmittedNode, Initializer } from '../model-builder.js';
import { outputsOf } from '../ops.js';
import { lowerGraph } from '../to-onnx.js';
import type { OnnxStep, OnnxValue } from '../value.js';

/** Block size on most machines; the shapes are the same with 8. */
const BLOCK_SIZE = 16;

/** Longer constants aren't shapes or axes. */
const SHORT = 64;

/** A node in the order of execution, and what it reads and gives. */
export interface PlannedStep {
  readonly node: EmittedNode;
  readonly step: OnnxStep;
}

export interface OnnxProgramPlan {
  readonly steps: readonly PlannedStep[];
  /** Names of the values that outlive the run. */
  readonly results: ReadonlySet<string>;
  /** Names of the values that are there before it: inputs, parameters, constants. */
  readonly given: ReadonlySet<string>;
  /** Bytes of the constants. */
  readonly constantBytes: number;
}

/** @param graph its sizes are numbers: see `withSizes` */
export function planOnnxProgram(graph: Graph): OnnxProgramPlan {
  const { builder, inputs, params, outputs } = lowerGraph(graph, { blockSize: BLOCK_SIZE, onCpu: true });
  const values = new Map(builder.initializers.map((constant) => [constant.name, constantValue(constant)]));
  const constants = new Set(values.keys());
  for (const { name, dtype, shape } of [...inputs, ...params])
    values.set(name, { dtype, shape: fixedShape(shape) });
  const given = new Set(values.keys());
  const steps = new Map<EmittedNode, OnnxStep>();
  const results = new Set<string>();
  const ends = new Set(outputs.map(({ name }) => name));
  for (const node of builder.nodes) {
    const [source = ''] = node.inputs;
    // An output's own name is a copy in the model; onnxruntime gives the value that name instead.
    if (node.opType === 'Identity' && ends.has(node.outputs[0])) {
      results.add(source);
      continue;
    }
    const step = stepOf(node, values, constants);
    node.outputs.forEach((name, i) => {
      values.set(name, step.outputs[i] ?? ABSENT);
    });
    // Computed once, when the session is made.
    if (node.inputs.every((name) => name === '' || constants.has(name)))
      for (const name of node.outputs) {
        constants.add(name);
        given.add(name);
      }
    else steps.set(node, step);
  }
  return {
    steps: executionOrder([...steps]),
    results,
    given,
    constantBytes: builder.initializers.reduce((sum, { data }) => sum + data.byteLength, 0),
  };
}

function stepOf(
  { opType, inputs, outputs, options }: EmittedNode,
  values: ReadonlyMap<string, OnnxValue>,
  constants: ReadonlySet<string>,
): OnnxStep {
  const { attrs = {}, domain = '' } = options;
  const known = inputs.map((name) => values.get(name) ?? ABSENT);
  return {
    opType,
    domain,
    attrs,
    inputs: known,
    outputs: outputsOf(opType, known, attrs).slice(0, outputs.length),
    isConstant: (input) => constants.has(inputs[input] ?? ''),
  };
}

const ABSENT: OnnxValue = { dtype: 'float32', shape: [0] };

function constantValue({ dtype, dims, data }: Initializer): OnnxValue {
  if (numel(dims) > SHORT) return { dtype, shape: dims };
  return { dtype, shape: dims, known: numbersOf(dtype, data.slice().buffer) };
}

function widened(halves: Uint16Array): number[] {
  const values = new Float32Array(halves.length);
  toFloat32(halves, values);
  return [...values];
}

function numbersOf(dtype: Initializer['dtype'], buffer: ArrayBuffer): number[] {
  if (dtype === 'int64') return Array.from(new BigInt64Array(buffer), Number);
  if (dtype === 'float16') return widened(new Uint16Array(buffer));
  if (dtype === 'int32') return [...new Int32Array(buffer)];
  return dtype === 'uint8' ? [...new Uint8Array(buffer)] : [...new Float32Array(buffer)];
}

/**
 * onnxruntime doesn't keep the order of a model: it walks back from the nodes whose results nobody reads, the last
 * first, and at each node to the latest of its inputs first.
 */
function executionOrder(steps: readonly (readonly [EmittedNode, OnnxStep])[]): PlannedStep[] {
  const producers = new Map(steps.flatMap(([{ outputs }], i) => outputs.map((name) => [name, i] as const)));
  const entries = steps.map(([node, step]) => ({
    node,
    step,
    sources: [...new Set(node.inputs.map((name) => producers.get(name)))]
      .filter((i) => i !== undefined)
      .sort((a, b) => a - b),
  }));
  const read = new Set(entries.flatMap(({ sources }) => sources));
  const pending = entries.flatMap((_, i) => (read.has(i) ? [] : [{ i, done: false }]));
  const seen = new Set<number>();
  const order: PlannedStep[] = [];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { i, done } = next;
    const entry = entries[i];
    if (!entry) continue;
    if (done) order.push({ node: entry.node, step: entry.step });
    if (done || seen.has(i)) continue;
    seen.add(i);
    pending.push({ i, done: true });
    for (const source of entry.sources) if (!seen.has(source)) pending.push({ i: source, done: false });
  }
  return order;
}
