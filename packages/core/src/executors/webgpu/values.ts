/** The value of any node at any element, as a WGSL expression: read from memory or computed on the fly. */

import { roleOf } from '../../fusion/roles.js';
import { isPacked, placeOf } from '../../fusion/views.js';
import { toFloat32 } from '../../graph/float16.js';
import { GraphError, type Node, type Tensor } from '../../graph/node.js';
import { isOp, opNode } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import { implementation, type Unsupported, unsupported } from '../../ops/unsupported.js';
import type { Code } from './code.js';
import { ELEMENTWISE } from './elementwise.js';
import { Index } from './index-of.js';
import { LOOPS } from './loops.js';
import { type Expression, isInteger, literal, type Values, wgslType } from './text.js';

const NO_KERNEL = 'the WebGPU executor has no kernel';

export class Expressions implements Values {
  readonly code: Code;
  readonly #written: ReadonlySet<Node>;

  constructor(code: Code, written: ReadonlySet<Node>) {
    this.code = code;
    this.#written = written;
  }

  at(node: Node, index: Index): string {
    return this.code.once(keyOf(node, index), () => {
      const { value } = node;
      if (value?.data.length === 1) return constantOf(value);
      return this.#isInMemory(node) ? this.#load(node, index) : this.compute(node, index);
    });
  }

  #isInMemory(node: Node): boolean {
    return roleOf(node) === 'leaf' || this.#written.has(node);
  }

  /** Computes a value even if it is in memory; later expressions use the result. */
  define(node: Node, index: Index): string {
    return this.code.once(keyOf(node, index), () => this.compute(node, index));
  }

  /** Tells later expressions what a value is called. */
  know(node: Node, index: Index, name: string): void {
    this.code.know(keyOf(node, index), name);
  }

  /** @throws GraphError for an op that has no expression */
  compute(node: Node, index: Index): string {
    const known = opNode(node, NO_KERNEL);
    const expression = implementation(EXPRESSIONS[known.op], node, NO_KERNEL)(this, node, index);
    if (expression === undefined) throw new GraphError(`${NO_KERNEL} for op "${node.op}"`);
    return expression;
  }

  #load(node: Node, index: Index): string {
    return loadAt(this.code, node, index.flat);
  }
}

const keyOf = (node: Node, index: Index) => `${node.id} @ ${index.key}`;

/** Reads an element of a value in memory. */
export function loadAt(code: Code, node: Node, flat: string): string {
  const place = code.place(node);
  if (isPacked(node)) return `${node.dtype === 'uint8' ? 'byte' : 'half'}At(${place}, ${flat})`;
  return typed(node, `${memoryOf(node)}[${place} + ${flat}]`);
}

/** Reads two neighboring halves, of which `flat` is the first. */
export const pairAt = (code: Code, node: Node, flat: string) =>
  `unpack2x16float(m[${code.place(node)} + (${flat} >> 1u)])`;

/** The array that a value lies in: constants have one of their own. */
export const memoryOf = (node: Node) => (placeOf(node).base.value ? 'c' : 'm');

const typed = (node: Node, bits: string) => `bitcast<${wgslType(node)}>(${bits})`;

function constantOf({ dtype, data }: Tensor): string {
  if (isInteger(dtype)) return `i32(${data[0]})`;
  const number = new Float32Array(data);
  if (data instanceof Uint16Array) toFloat32(data, number);
  return literal(number[0]);
}

/** Ops that move elements: each reads an element at another place. */
const MOVES = {
  reshape: (values, { inputs: [x] }, index) => values.at(x, index.reshaped(x.shape)),
  broadcastTo: (values, { inputs: [x] }, index) => values.at(x, index.broadcast(x.shape)),
  transpose: (values, node, index) => {
    if (!isOp(node, 'transpose')) return undefined;
    const [x] = node.inputs;
    const coords = x.shape.map((_, axis) => index.coords[node.attrs.perm.indexOf(axis)]);
    return values.at(x, Index.at(values.code, x.shape, coords));
  },
  slice: (values, node, index) => {
    if (!isOp(node, 'slice')) return undefined;
    const { axis, start } = node.attrs;
    const [x] = node.inputs;
    if (x.shape.length === 1)
      return values.at(x, Index.flat(values.code, x.shape, shifted(values.code, index.flat, start)));
    return values.at(
      x,
      index.moved(x.shape, (coord, i) => (i === axis ? shifted(values.code, coord, start) : coord)),
    );
  },
  pad: (values, node, index) => {
    if (!isOp(node, 'pad')) return undefined;
    const { axis, before } = node.attrs;
    const [x] = node.inputs;
    const at = shifted(values.code, index.coords[axis], -before);
    const inside = `${at} >= 0 && ${at} < ${values.code.dim(x.shape[axis])}`;
    const read = () =>
      values.at(
        x,
        index.moved(x.shape, (coord, i) => (i === axis ? at : coord)),
      );
    return chosen(values.code, node, [[inside, read]]);
  },
  concat: (values, node, index) => {
    if (!isOp(node, 'concat')) return undefined;
    const { axis } = node.attrs;
    const coord = index.coords[axis];
    let start = 0;
    const parts = node.inputs.map((x): Choice => {
      const from = start;
      start += Number(x.shape[axis]);
      const at = () => shifted(values.code, coord, -from);
      const read = () =>
        values.at(
          x,
          index.moved(x.shape, (c, i) => (i === axis ? at() : c)),
        );
      return [`${coord} < ${start}`, read];
    });
    return chosen(values.code, node, parts);
  },
  upsampleNearest2d: (values, node, index) => {
    if (!isOp(node, 'upsampleNearest2d')) return undefined;
    const { scale } = node.attrs;
    const [x] = node.inputs;
    return values.at(
      x,
      index.moved(x.shape, (coord, axis) => (axis < 2 ? coord : values.code.let(`${coord} / ${scale}`))),
    );
  },
  gatherRows: (values, { inputs: [x, rows] }, index) => {
    const [row, column] = index.coords;
    const at = values.at(rows, Index.flat(values.code, rows.shape, row));
    return values.at(x, Index.at(values.code, x.shape, [at, column]));
  },
  size: (values, node) => {
    if (!isOp(node, 'size')) return undefined;
    const [x] = node.inputs;
    return `f32(${node.attrs.axes.map((axis) => values.code.dim(x.shape[axis])).join(' * ') || '1'})`;
  },
} satisfies { readonly [O in OpName]?: Expression };

const LAUNCHED = 'a launch of its own writes its value';

/** The expression for each op's value at an element, or why there is none. */
const EXPRESSIONS: { readonly [O in OpName]: Expression | Unsupported } = {
  ...ELEMENTWISE,
  ...MOVES,
  ...LOOPS,
  conv2d: unsupported(LAUNCHED),
  conv2dBackwardInput: unsupported(LAUNCHED),
};

const shifted = (code: Code, at: string, by: number) =>
  by === 0 ? at : code.let(`${at} ${by < 0 ? '-' : '+'} ${Math.abs(by)}`);

type Choice = readonly [condition: string, value: () => string];

/** The value of the first condition that holds, else 0; other values aren't computed. */
function chosen(code: Code, node: Node, choices: readonly Choice[]): string {
  const name = code.name();
  code.line(`var ${name}: ${wgslType(node)};`);
  choose(code, name, choices);
  return name;
}

/** Halves the choices until one is left: their conditions hold from one on. */
function choose(code: Code, name: string, choices: readonly Choice[]): void {
  const [first] = choices;
  if (!first) return;
  if (choices.length === 1) {
    code.block(`if (${first[0]})`, () => code.line(`${name} = ${first[1]()};`));
    return;
  }
  const half = choices.length >> 1;
  code.block(`if (${choices[half - 1][0]})`, () => choose(code, name, choices.slice(0, half)));
  code.block('else', () => choose(code, name, choices.slice(half)));
}
