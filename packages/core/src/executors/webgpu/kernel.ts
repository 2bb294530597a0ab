/** The WGSL program of a launch. */

import { partsOf, REDUCING_THREADS } from '../../fusion/parts.js';
import type { Launch, LaunchPlan } from '../../fusion/plan.js';
import { reducedAxes } from '../../fusion/roles.js';
import { GraphError, type Node, type Shape } from '../../graph/node.js';
import type { Sizes } from '../../ops/op.js';
import { isOp, type OpNode } from '../../ops/op-node.js';
import { count } from '../../ops/shapes.js';
import { Code, type Slot } from './code.js';
import { convolution } from './convolutions.js';
import { Index } from './index-of.js';
import { firstMaximum, inputCoords, reducedValue, reductionOf } from './loops.js';
import { wgslType } from './text.js';
import { Expressions } from './values.js';

/** Programs of launches that differ in their numbers alone have the same text. */
export interface Kernel {
  readonly text: string;
  /** What the numbers of `u` are at a run. */
  readonly slots: readonly Slot[];
  /** Number of workgroups. */
  groups(sizes: Sizes): number;
}

/** Workgroups along the first axis of a dispatch; more of them continue in the next row. */
export const ROW = 32768;
const THREADS = 128;

const head = (element = 'u32') => `
@group(0) @binding(0) var<storage, read_write> m: array<${element}>;
@group(0) @binding(1) var<storage, read> c: array<u32>;
@group(0) @binding(2) var<storage, read> u: array<i32>;`;

const main = (threads: number, body: string) => `
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) w: vec3<u32>, @builtin(local_invocation_index) t: u32) {
let g = i32(w.y * ${ROW}u + w.x);
${body}
}`;

export function kernelOf(launch: Launch, { written }: LaunchPlan): Kernel {
  const [node] = launch.nodes;
  if (launch.kind === 'map') return mapKernel(launch.nodes, written);
  if (launch.kind === 'reduce') return reduceKernel(launch.nodes, written);
  if (launch.kind === 'conv' || launch.kind === 'weight') return productKernel(launch, written);
  if (launch.kind === 'first') return firstKernel(node, written);
  if (isOp(node, 'scatterAddRows')) return launch.kind === 'clear' ? clearKernel(node) : linkKernel(node);
  throw new GraphError(`no launch "${launch.kind}" of op "${node.op}"`);
}

/** A thread for each element of `shape`, whose flat position is `i`. */
function perElement(code: Code, shape: Shape, body: () => void, element?: string): Kernel {
  code.line(`let i = g * ${THREADS} + i32(t);`);
  code.line(`if (i >= ${countText(code, shape)}) { return; }`);
  body();
  return {
    text: `${head(element)}${main(THREADS, code.take())}`,
    slots: code.slots,
    groups: (sizes) => Math.ceil(count(shape, sizes) / THREADS),
  };
}

const countText = (code: Code, shape: Shape) => shape.map((d) => code.dim(d)).join(' * ') || '1';

function mapKernel(nodes: readonly Node[], written: ReadonlySet<Node>): Kernel {
  const code = new Code();
  const { shape } = nodes[0];
  return perElement(code, shape, () => writeAll(code, nodes, Index.flat(code, shape, 'i'), written));
}

/** Computes each node at an element, and writes those that others read. */
function writeAll(code: Code, nodes: readonly Node[], index: Index, written: ReadonlySet<Node>): void {
  const values = new Expressions(code, written);
  for (const node of nodes) {
    const value = values.define(node, index);
    if (written.has(node)) code.line(store(code, node, index.flat, value));
  }
}

const store = (code: Code, node: Node, flat: string, value: string) =>
  `m[${code.place(node)} + ${flat}] = bitcast<u32>(${wgslType(node)}(${value}));`;

function productKernel({ nodes }: Launch, written: ReadonlySet<Node>): Kernel {
  const [node, ...following] = nodes;
  const code = new Code();
  const product = convolution(code, node, (index, value) => {
    const values = new Expressions(code, written);
    values.know(node, index, value);
    if (written.has(node)) code.line(store(code, node, index.flat, value));
    for (const next of following) {
      const result = values.define(next, index);
      if (written.has(next)) code.line(store(code, next, index.flat, result));
    }
  });
  const { functions, body, threads, groups } = product;
  return { text: `${head()}${functions}${main(threads, body)}`, slots: code.slots, groups };
}

function reduceKernel(nodes: readonly Node[], written: ReadonlySet<Node>): Kernel {
  const code = new Code();
  const values = new Expressions(code, written);
  const [first] = nodes;
  const [x] = first.inputs;
  const axes = reducedAxes(first);
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  const reduced = axes.map((axis) => x.shape[axis]);
  const parts = partsOf(first);
  code.line(`let p = g % ${parts};`);
  code.line(`let k = g / ${parts};`);
  code.line(`if (k >= ${countText(code, kept)}) { return; }`);
  nodes.forEach((node, i) => {
    code.line(`var a${i} = ${reductionOf(node).start};`);
  });
  const step = parts * REDUCING_THREADS;
  const loop = `for (var r = p * ${REDUCING_THREADS} + i32(t); r < ${countText(code, reduced)}; r += ${step})`;
  code.block(loop, () => {
    const index = reducedIndex(code, first, kept, reduced);
    nodes.forEach((node, i) => {
      code.line(`a${i} = ${reductionOf(node).next(`a${i}`, reducedValue(values, node, index))};`);
    });
  });
  nodes.forEach((node, i) => {
    gather(code, node, i, parts);
  });
  return {
    text: `${head()}\nvar<workgroup> s: array<f32, ${REDUCING_THREADS}>;${main(REDUCING_THREADS, code.take())}`,
    slots: code.slots,
    groups: (sizes) => parts * count(kept, sizes),
  };
}

/** Where thread `r` of those that sum for `k` reads. */
function reducedIndex(code: Code, node: Node, kept: Shape, reduced: Shape): Index {
  const [{ shape }] = node.inputs;
  if (shape.length === 4 && String(reducedAxes(node)) === '0,2,3') return channelIndex(code, shape);
  const keptCoords = isOp(node, 'reduceSum', 'reduceMax') && node.attrs.keepDims === 1;
  const coords = Index.flat(code, keptCoords ? node.shape : kept, 'k').coords;
  return Index.at(code, shape, inputCoords(node, coords, Index.flat(code, reduced, 'r').coords));
}

/** The pixels of a channel lie one after the other. */
function channelIndex(code: Code, shape: Shape): Index {
  const [height, width] = shape.slice(2).map((d) => code.dim(d));
  const n = code.let(`r / (${height} * ${width})`);
  const pixel = code.let(`r - ${n} * (${height} * ${width})`);
  const row = code.let(`${pixel} / ${width}`);
  const column = code.let(`${pixel} - ${row} * ${width}`);
  const flat = code.let(`(${n} * ${code.dim(shape[1])} + k) * (${height} * ${width}) + ${pixel}`);
  return Index.known(code, shape, flat, [n, 'k', row, column]);
}

/** Sums what the threads of a workgroup have, by halves. */
function gather(code: Code, node: Node, i: number, parts: number): void {
  const next = reductionOf(node).next('s[t]', 's[t + half]');
  code.line(`s[t] = a${i};`);
  code.line('workgroupBarrier();');
  code.block(`for (var half = ${REDUCING_THREADS / 2}u; half > 0u; half >>= 1u)`, () => {
    code.line(`if (t < half) { s[t] = ${next}; }`);
    code.line('workgroupBarrier();');
  });
  code.line(`if (t == 0u) { m[${code.place(node, 'parts')} + k * ${parts} + p] = bitcast<u32>(s[0]); }`);
  code.line('workgroupBarrier();');
}

function firstKernel(node: Node, written: ReadonlySet<Node>): Kernel {
  const code = new Code();
  const { shape } = node.inputs[0];
  return perElement(code, shape, () => {
    const place = firstMaximum(new Expressions(code, written), node, Index.flat(code, shape, 'i'));
    code.line(`m[${code.place(node, 'parts')} + i] = u32(${place});`);
  });
}

function clearKernel(node: OpNode<'scatterAddRows'>): Kernel {
  const code = new Code();
  return perElement(code, node.attrs.rows, () => code.line(`m[${code.place(node, 'parts')} + i] = 0u;`));
}

/** Each value becomes the first of the list of its row. */
function linkKernel(node: OpNode<'scatterAddRows'>): Kernel {
  const code = new Code();
  const [, rows] = node.inputs;
  const place = code.place(rows);
  const row = rows.value ? `c[${place} + i]` : `atomicLoad(&m[${place} + i])`;
  const link = () => {
    code.line(`let head = ${code.place(node, 'parts')} + i32(${row});`);
    code.line(`atomicStore(&m[${code.place(node, 'next')} + i], atomicExchange(&m[head], u32(i + 1)));`);
  };
  return perElement(code, rows.shape, link, 'atomic<u32>');
}
