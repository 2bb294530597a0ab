/** The WGSL program of a launch. */

import { startOf, type TileSum } from '../../fusion/epilogue.js';
import type { Launch, LaunchPlan } from '../../fusion/plan.js';
import { GraphError, type Node } from '../../graph/node.js';
import { isOp } from '../../ops/op-node.js';
import { type Abilities, PLAIN } from './abilities.js';
import { Code } from './code.js';
import { convolution } from './convolutions.js';
import { Index } from './index-of.js';
import { clearKernel, linkKernel } from './lists.js';
import { firstMaximum, reducedValue } from './loops.js';
import { reduceKernel, sumKernel } from './reductions.js';
import { type Kernel, main, perElement, perPair, program } from './shader.js';
import { Expressions } from './values.js';
import { write, writeAll, writesHalves } from './writes.js';

/** @param can what the GPU can; by default what all can */
export function kernelOf(launch: Launch, { written }: LaunchPlan, can: Abilities = PLAIN): Kernel {
  const [node] = launch.nodes;
  if (launch.kind === 'map') return mapKernel(launch.nodes, written, can);
  if (launch.kind === 'reduce') return reduceKernel(launch.nodes, written, can);
  if (launch.kind === 'sum') return sumKernel(launch, written, can);
  if (launch.kind === 'conv' || launch.kind === 'weight') return productKernel(launch, written, can);
  if (launch.kind === 'first') return firstKernel(node, written, can);
  if (isOp(node, 'scatterAddRows'))
    return launch.kind === 'clear' ? clearKernel(node, can) : linkKernel(node, can);
  throw new GraphError(`no launch "${launch.kind}" of op "${node.op}"`);
}

function mapKernel(nodes: readonly Node[], written: ReadonlySet<Node>, can: Abilities): Kernel {
  const code = new Code(can);
  const { shape } = nodes[0];
  const body = () => writeAll(code, nodes, Index.flat(code, shape, 'i'), written);
  return writesHalves(nodes, written) ? perPair(code, shape, body) : perElement(code, shape, body);
}

function productKernel({ nodes, sums }: Launch, written: ReadonlySet<Node>, can: Abilities): Kernel {
  const [node, ...following] = nodes;
  const code = new Code(can);
  const finish = (index: Index, value: string) => {
    const values = new Expressions(code, written);
    values.know(node, index, value);
    write(values, node, index, value, written);
    for (const next of following) write(values, next, index, values.define(next, index), written);
    for (const [i, sum] of sums.entries()) addend(values, i, sum, index);
  };
  const product = convolution(code, node, finish, {
    sums: sums.map((sum) => channelsOf(code, sum)),
    inPairs: writesHalves(nodes, written),
  });
  const { functions, body, threads, groups } = product;
  return { text: program(`${functions}${main(threads, body)}`), slots: code.slots, groups };
}

/** What each element of a convolution's result adds to a sum: an entry of `r`. */
function addend(values: Expressions, i: number, { node, slices }: TileSum, index: Index): void {
  const { code } = values;
  const add = (at: Index) => code.line(`r[${i}] += ${reducedValue(values, node, at)};`);
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

function firstKernel(node: Node, written: ReadonlySet<Node>, can: Abilities): Kernel {
  const code = new Code(can);
  const { shape } = node.inputs[0];
  return perElement(code, shape, () => {
    const place = firstMaximum(new Expressions(code, written), node, Index.flat(code, shape, 'i'));
    code.line(`m[${code.place(node, 'parts')} + i] = u32(${place});`);
  });
}
