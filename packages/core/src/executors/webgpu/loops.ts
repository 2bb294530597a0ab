/** Values whose elements each visit many others: short reductions, windows, and what a launch prepared. */

import { MARKS, partsOf } from '../../fusion/parts.js';
import { reducedAxes, roleOf } from '../../fusion/roles.js';
import type { Node } from '../../graph/node.js';
import type { PoolAttrs } from '../../ops/attrs.js';
import { isOp, type OpNode } from '../../ops/op-node.js';
import { dimAt } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import { Index } from './index-of.js';
import { type Expression, literal, type Values } from './text.js';

/** Opens a loop of `i` from 0 up to, but not including, `end`. */
function loop({ code }: Values, end: string, body: (i: string) => void): void {
  const i = code.name();
  code.block(`for (var ${i} = 0; ${i} < ${end}; ${i}++)`, () => body(i));
}

function variable({ code }: Values, start: string): string {
  const name = code.name();
  code.line(`var ${name} = ${start};`);
  return name;
}

/** Start value and step of a reduction, and the function that reduces over a subgroup. */
export const reductionOf = (node: Node) =>
  isOp(node, 'reduceMax')
    ? {
        start: literal(Number.NEGATIVE_INFINITY),
        next: (total: string, x: string) => `max(${total}, ${x})`,
        subgroup: 'subgroupMax',
      }
    : { start: '0f', next: (total: string, x: string) => `${total} + ${x}`, subgroup: 'subgroupAdd' };

/** What a reduction sums at an element of its input. */
export function reducedValue(values: Values, node: Node, index: Index): string {
  const [x, y] = node.inputs;
  const value = values.at(x, index);
  return y ? values.code.let(`${value} * ${values.at(y, index)}`) : value;
}

/** Coordinates of the input of a reduction, of those of its output and those along the reduced axes. */
export function inputCoords(node: Node, kept: readonly string[], reduced: readonly string[]): string[] {
  const axes = reducedAxes(node);
  const keepDims = isOp(node, 'reduceSum', 'reduceMax') && node.attrs.keepDims === 1;
  let at = 0;
  return node.inputs[0].shape.map((_, axis) => {
    const position = axes.indexOf(axis);
    if (position < 0) return kept[at++];
    if (keepDims) at++;
    return reduced[position];
  });
}

const reduction: Expression = (values, node, index) =>
  roleOf(node) === 'loop' ? shortReduction(values, node, index) : partialSums(values, node, index);

function shortReduction(values: Values, node: Node, index: Index): string {
  const { start, next } = reductionOf(node);
  const [x] = node.inputs;
  const total = variable(values, start);
  const visit = (reduced: readonly string[], axes: readonly number[]): void => {
    const [axis, ...others] = axes;
    if (axis === undefined) {
      const at = Index.at(values.code, x.shape, inputCoords(node, index.coords, reduced));
      values.code.line(`${total} = ${next(total, reducedValue(values, node, at))};`);
    } else loop(values, values.code.dim(x.shape[axis]), (i) => visit([...reduced, i], others));
  };
  visit([], reducedAxes(node));
  return total;
}

function partialSums(values: Values, node: Node, index: Index): string {
  const { start, next } = reductionOf(node);
  const parts = partsOf(node);
  const from = values.code.let(`${values.code.place(node, 'parts')} + ${index.flat} * ${parts}`);
  const total = variable(values, start);
  loop(values, String(parts), (i) =>
    values.code.line(`${total} = ${next(total, `bitcast<f32>(m[${from} + ${i}])`)};`),
  );
  return total;
}

const weightGradient: Expression = (values, node, index) => {
  const { code } = values;
  const from = code.let(`${code.place(node, 'parts')} + ${index.flat}`);
  const size = node.shape.reduce<number>((product, d) => product * Number(d), 1);
  const total = variable(values, '0f');
  loop(values, String(partsOf(node)), (i) =>
    code.line(`${total} += bitcast<f32>(m[${from} + ${i} * ${size}]);`),
  );
  return total;
};

type Visit = (at: Index, row: string, column: string) => void;

/** Every pixel of x under the window of an output pixel; padding is left out. */
function window(
  values: Values,
  x: Node,
  { kernel, stride, pad }: PoolAttrs,
  index: Index,
  visit: Visit,
): void {
  const { code } = values;
  const [n, c, h, w] = index.coords;
  loop(values, String(kernel[0]), (i) =>
    loop(values, String(kernel[1]), (j) => {
      const row = code.let(`${h} * ${stride[0]} - ${pad[0]} + ${i}`);
      const column = code.let(`${w} * ${stride[1]} - ${pad[1]} + ${j}`);
      const [rows, columns] = [code.dim(x.shape[2]), code.dim(x.shape[3])];
      code.block(`if (${row} >= 0 && ${row} < ${rows} && ${column} >= 0 && ${column} < ${columns})`, () =>
        visit(Index.at(code, x.shape, [n, c, row, column]), row, column),
      );
    }),
  );
}

/** Position in x of the first maximum of the window at `index`. */
export function firstMaximum(values: Values, node: Node, index: Index): string {
  const [, x] = node.inputs;
  const [best, place] = [variable(values, literal(Number.NEGATIVE_INFINITY)), variable(values, '-1')];
  if (isOp(node, 'maxPool2dBackward'))
    window(values, x, node.attrs, index, (at) => {
      const [value, flat] = [values.at(x, at), at.flat];
      values.code.line(`if (${place} < 0 || ${value} > ${best}) { ${best} = ${value}; ${place} = ${flat}; }`);
    });
  return place;
}

const matmul: Expression = (values, { inputs: [a, b] }, index) => {
  const total = variable(values, '0f');
  const coords = index.coords;
  const [row, column] = [coords[coords.length - 2], coords[coords.length - 1]];
  const matrix = (x: Node, last: readonly string[]) => {
    const batch = coords.slice(0, -2).slice(coords.length - x.shape.length);
    const own = batch.map((coord, axis) => (x.shape[axis] === 1 ? '0' : coord));
    return Index.at(values.code, x.shape, [...own, ...last]);
  };
  loop(values, values.code.dim(dimAt(a.shape, -1)), (k) => {
    const [left, right] = [values.at(a, matrix(a, [row, k])), values.at(b, matrix(b, [k, column]))];
    values.code.line(`${total} = fma(${left}, ${right}, ${total});`);
  });
  return total;
};

/** The gradients of all windows whose first maximum is this pixel. */
const maxPoolGradient: Expression = (values, node, index) => {
  if (!isOp(node, 'maxPool2dBackward')) return undefined;
  const { code } = values;
  const [dy] = node.inputs;
  const { kernel, stride, pad } = node.attrs;
  const [n, c, h, w] = index.coords;
  const own = code.let(index.flat);
  const total = variable(values, '0f');
  loop(values, String(kernel[0]), (i) =>
    loop(values, String(kernel[1]), (j) => {
      const [down, right] = [code.let(`${h} + ${pad[0]} - ${i}`), code.let(`${w} + ${pad[1]} - ${j}`)];
      const [row, column] = [code.let(`${down} / ${stride[0]}`), code.let(`${right} / ${stride[1]}`)];
      const exact = `${down} >= 0 && ${right} >= 0 && ${row} * ${stride[0]} == ${down} && ${column} * ${stride[1]} == ${right}`;
      code.block(
        `if (${exact} && ${row} < ${code.dim(dy.shape[2])} && ${column} < ${code.dim(dy.shape[3])})`,
        () => {
          const at = Index.at(code, dy.shape, [n, c, row, column]);
          const place = `i32(m[${code.place(node, 'parts')} + ${at.flat}])`;
          code.block(`if (${place} == ${own})`, () => code.line(`${total} += ${values.at(dy, at)};`));
        },
      );
    }),
  );
  return total;
};

/**
 * The sum of a row's values, in an order that doesn't depend on that of its list: if more than two of them aren't zero, in
 * the order of their positions.
 */
const scattered: Expression = (values, node, index) => {
  if (!isOp(node, 'scatterAddRows')) return undefined;
  const { code } = values;
  const [row] = index.coords;
  const total = variable(values, '0f');
  const mark = code.let(`m[${code.place(node, 'marks')} + (${row}) / ${MARKS}] >> u32((${row}) % ${MARKS})`);
  code.block(`if ((${mark} & 1u) == 1u)`, () => sumList(values, node, index, total));
  return total;
};

/** Adds the values of the list of a row to `total`. */
function sumList(values: Values, node: OpNode<'scatterAddRows'>, index: Index, total: string): void {
  const { code } = values;
  const [x] = node.inputs;
  const [row, column] = index.coords;
  const first = code.let(`i32(m[${code.place(node, 'parts')} + ${row}])`);
  const found = variable(values, '0');
  const each = (from: string, visit: (i: string, value: string) => void) => {
    const i = variable(values, from);
    code.block(`while (${i} > 0)`, () => {
      visit(i, values.at(x, Index.at(code, x.shape, [code.let(`${i} - 1`), column])));
      code.line(`${i} = i32(m[${code.place(node, 'next')} + ${i} - 1]);`);
    });
  };
  each(first, (_, value) => {
    code.line(`${total} += ${value};`);
    code.line(`${found} += select(0, 1, ${value} != 0f);`);
  });
  code.block(`if (${found} > 2)`, () => {
    code.line(`${total} = 0f;`);
    const last = variable(values, '0');
    loop(values, found, () => {
      const [next, sum] = [variable(values, '0x7fffffff'), variable(values, '0f')];
      each(first, (i, value) => {
        code.line(
          `if (${value} != 0f && ${i} > ${last} && ${i} < ${next}) { ${next} = ${i}; ${sum} = ${value}; }`,
        );
      });
      code.line(`${total} += ${sum};`);
      code.line(`${last} = ${next};`);
    });
  });
}

export const LOOPS = {
  channelSum: reduction,
  channelDot: reduction,
  reduceSum: reduction,
  reduceMax: reduction,
  conv2dBackwardWeight: weightGradient,
  scatterAddRows: scattered,
  maxPool2dBackward: maxPoolGradient,
  matmul,
  maxPool2d: (values, node, index) => {
    if (!isOp(node, 'maxPool2d')) return undefined;
    const [x] = node.inputs;
    const best = variable(values, literal(Number.NEGATIVE_INFINITY));
    window(values, x, node.attrs, index, (at) =>
      values.code.line(`${best} = max(${best}, ${values.at(x, at)});`),
    );
    return best;
  },
  avgPool2d: (values, node, index) => {
    if (!isOp(node, 'avgPool2d')) return undefined;
    const [x] = node.inputs;
    const { kernel } = node.attrs;
    const total = variable(values, '0f');
    window(values, x, node.attrs, index, (at) => values.code.line(`${total} += ${values.at(x, at)};`));
    return `${total} / ${literal(kernel[0] * kernel[1])}`;
  },
} satisfies { readonly [O in OpName]?: Expression };
