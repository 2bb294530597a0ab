/** The WGSL program of a launch. */

import { startOf, type TileSum } from '../../fusion/epilogue.js';
import { MARKS, partsOf, pixelsOf, REDUCING_THREADS, sizeInMemory, TILE_PIXELS } from '../../fusion/parts.js';
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
import { Expressions, memoryOf } from './values.js';

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
  if (launch.kind === 'sum') return sumKernel(launch, written);
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
  for (const node of nodes) write(values, node, index, values.define(node, index), written);
}

function write(
  { code }: Expressions,
  node: Node,
  index: Index,
  value: string,
  written: ReadonlySet<Node>,
): void {
  if (written.has(node)) code.line(store(code, node, index.flat, value));
}

const store = (code: Code, node: Node, flat: string, value: string) =>
  `m[${code.place(node)} + ${flat}] = bitcast<u32>(${wgslType(node)}(${value}));`;

function productKernel({ nodes, sums }: Launch, written: ReadonlySet<Node>): Kernel {
  const [node, ...following] = nodes;
  const code = new Code();
  const finish = (index: Index, value: string) => {
    const values = new Expressions(code, written);
    values.know(node, index, value);
    write(values, node, index, value, written);
    for (const next of following) write(values, next, index, values.define(next, index), written);
    for (const [i, sum] of sums.entries()) addend(values, i, sum, index);
  };
  const product = convolution(
    code,
    node,
    finish,
    sums.map((sum) => channelsOf(code, sum)),
  );
  const { functions, body, threads, groups } = product;
  return { text: `${head()}${functions}${main(threads, body)}`, slots: code.slots, groups };
}

/** What a sum takes of the element of a convolution's result: an entry of `r`. */
function addend(values: Expressions, i: number, { node, slices }: TileSum, index: Index): void {
  const { code } = values;
  const add = (at: Index) => code.line(`r[${i}] = ${reducedValue(values, node, at)};`);
  const [slice] = slices;
  if (!slice) {
    add(index);
    return;
  }
  const [n, channel, row, column] = index.coords;
  const own = code.let(`${channel} - ${startOf(slice)}`);
  const at = Index.at(code, slice.shape, [n, own, row, column]);
  const known = slices.map((x) => [x, values.at(x.inputs[0], index)] as const);
  code.block(`if (${own} >= 0 && ${own} < ${code.dim(slice.shape[1])})`, () => {
    for (const [x, name] of known) values.know(x, at, name);
    add(at);
  });
}

/** Where the shares of a sum lie, and which channels it runs over. */
const channelsOf = (code: Code, { node, slices: [slice] }: TileSum) => ({
  place: code.place(node, 'tiles'),
  start: slice ? startOf(slice) : 0,
  channels: code.dim(node.shape[0]),
});

/** A workgroup puts a channel's shares together; its first thread goes on with what follows for the channel. */
function sumKernel({ nodes, sums }: Launch, written: ReadonlySet<Node>): Kernel {
  const code = new Code();
  const values = new Expressions(code, written);
  const [first, ...following] = [nodes[0], ...nodes.slice(sums.length)];
  code.line('let k = g;');
  code.line(`if (k >= ${countText(code, first.shape)}) { return; }`);
  code.line(`let tiles = (${countText(code, pixelsOf(first))} + ${TILE_PIXELS - 1}) / ${TILE_PIXELS};`);
  for (const i of sums.keys()) code.line(`var a${i} = 0f;`);
  code.block(`for (var r = i32(t); r < tiles; r += ${REDUCING_THREADS})`, () => {
    for (const [i, { node }] of sums.entries())
      code.line(`a${i} += bitcast<f32>(m[${code.place(node, 'tiles')} + k * tiles + r]);`);
  });
  const index = Index.flat(code, first.shape, 'k');
  for (const [i, { node }] of sums.entries()) {
    gather(code, node, i);
    code.line(`let total${i} = s[0];`);
    code.line('workgroupBarrier();');
    values.know(node, index, `total${i}`);
  }
  code.line('if (t > 0u) { return; }');
  for (const { node } of sums) write(values, node, index, values.at(node, index), written);
  for (const node of following) write(values, node, index, values.define(node, index), written);
  return { text: reducing(code.take()), slots: code.slots, groups: (sizes) => count(first.shape, sizes) };
}

const reducing = (body: string) =>
  `${head()}\nvar<workgroup> s: array<f32, ${REDUCING_THREADS}>;${main(REDUCING_THREADS, body)}`;

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
    gather(code, node, i);
    code.line(`if (t == 0u) { m[${code.place(node, 'parts')} + k * ${parts} + p] = bitcast<u32>(s[0]); }`);
    code.line('workgroupBarrier();');
  });
  return { text: reducing(code.take()), slots: code.slots, groups: (sizes) => parts * count(kept, sizes) };
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

/** Sums what the threads of a workgroup have into `s[0]`, by halves. */
function gather(code: Code, node: Node, i: number): void {
  const next = reductionOf(node).next('s[t]', 's[t + half]');
  code.line(`s[t] = a${i};`);
  code.line('workgroupBarrier();');
  code.block(`for (var half = ${REDUCING_THREADS / 2}u; half > 0u; half >>= 1u)`, () => {
    code.line(`if (t < half) { s[t] = ${next}; }`);
    code.line('workgroupBarrier();');
  });
}

function firstKernel(node: Node, written: ReadonlySet<Node>): Kernel {
  const code = new Code();
  const { shape } = node.inputs[0];
  return perElement(code, shape, () => {
    const place = firstMaximum(new Expressions(code, written), node, Index.flat(code, shape, 'i'));
    code.line(`m[${code.place(node, 'parts')} + i] = u32(${place});`);
  });
}

/** Unmarks all rows, and empties the lists of those that will have values. */
function clearKernel(node: OpNode<'scatterAddRows'>): Kernel {
  const code = new Code();
  const [, rows] = node.inputs;
  const words = `(${countText(code, node.attrs.rows)} + ${MARKS - 1}) / ${MARKS}`;
  code.line(`let i = g * ${THREADS} + i32(t);`);
  code.line(`if (i < ${words}) { m[${code.place(node, 'marks')} + i] = 0u; }`);
  code.line(`if (i < ${countText(code, rows.shape)}) {`);
  code.line(`m[${code.place(node, 'parts')} + i32(${memoryOf(rows)}[${code.place(rows)} + i])] = 0u;`);
  code.line('}');
  const most = (sizes: Sizes) => Math.max(sizeInMemory(node, 'marks', sizes), count(rows.shape, sizes));
  return {
    text: `${head()}${main(THREADS, code.take())}`,
    slots: code.slots,
    groups: (sizes) => Math.ceil(most(sizes) / THREADS),
  };
}

/** Each value becomes the first of the list of its row. */
function linkKernel(node: OpNode<'scatterAddRows'>): Kernel {
  const code = new Code();
  const [, rows] = node.inputs;
  const place = code.place(rows);
  const row = memoryOf(rows) === 'c' ? `c[${place} + i]` : `atomicLoad(&m[${place} + i])`;
  const link = () => {
    code.line(`let row = i32(${row});`);
    code.line(`let head = ${code.place(node, 'parts')} + row;`);
    code.line(`atomicStore(&m[${code.place(node, 'next')} + i], atomicExchange(&m[head], u32(i + 1)));`);
    code.line(`atomicOr(&m[${code.place(node, 'marks')} + row / ${MARKS}], 1u << u32(row % ${MARKS}));`);
  };
  return perElement(code, rows.shape, link, 'atomic<u32>');
}
