/** Programs that sum with all threads of a workgroup. */
import { partsOf, pixelsOf, REDUCING_THREADS, TILE_PIXELS } from '../../fusion/parts.js';
import type { Launch } from '../../fusion/plan.js';
import { reducedAxes } from '../../fusion/roles.js';
import type { Node, Shape } from '../../graph/node.js';
import { isOp } from '../../ops/op-node.js';
import { count } from '../../ops/shapes.js';
import type { Abilities } from './abilities.js';
import { Code } from './code.js';
import { Index } from './index-of.js';
import { inputCoords, reducedValue, reductionOf } from './loops.js';
import { countText, type Kernel, main, program } from './shader.js';
import { Expressions } from './values.js';
import { write } from './writes.js';

/** A workgroup adds up a channel's shares; its first thread computes what follows for the channel. */
export function sumKernel({ nodes, sums }: Launch, written: ReadonlySet<Node>, can: Abilities): Kernel {
  const code = new Code(can);
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
  program(`\nvar<workgroup> s: array<f32, ${REDUCING_THREADS}>;${main(REDUCING_THREADS, body)}`);

export function reduceKernel(nodes: readonly Node[], written: ReadonlySet<Node>, can: Abilities): Kernel {
  const code = new Code(can);
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

/** Sums what the threads of a workgroup have into `s[0]`. */
function gather(code: Code, node: Node, i: number): void {
  if (code.can.subgroups) gatherSubgroups(code, node, i);
  else gatherHalves(code, node, i);
}

/** Sums within each subgroup without memory; the first thread then adds up the subgroups. */
function gatherSubgroups(code: Code, node: Node, i: number): void {
  const { subgroup, next } = reductionOf(node);
  const sum = code.name();
  code.line(`let ${sum} = ${subgroup}(a${i});`);
  code.line(`if (subgroupElect()) { s[subgroup] = ${sum}; }`);
  code.line('workgroupBarrier();');
  code.block('if (t == 0u)', () => {
    code.line(`var total = s[0];`);
    code.line(`for (var n = 1u; n < subgroups; n++) { total = ${next('total', 's[n]')}; }`);
    code.line('s[0] = total;');
  });
  code.line('workgroupBarrier();');
}

function gatherHalves(code: Code, node: Node, i: number): void {
  const next = reductionOf(node).next('s[t]', 's[t + half]');
  code.line(`s[t] = a${i};`);
  code.line('workgroupBarrier();');
  code.block(`for (var half = ${REDUCING_THREADS / 2}u; half > 0u; half >>= 1u)`, () => {
    code.line(`if (t < half) { s[t] = ${next}; }`);
    code.line('workgroupBarrier();');
  });
}
