/**
 * Matrix products in tiles: workgroups compute tiles of the result from tiles of both factors, which they gather into
 * their own memory.
 */
import { TILE_PIXELS } from '../../fusion/parts.js';
import type { Shape } from '../../graph/node.js';
import type { Sizes } from '../../ops/op.js';
import { count } from '../../ops/shapes.js';
import type { Code } from './code.js';

export interface Product {
  readonly functions: string;
  readonly body: string;
  readonly threads: number;
  groups(sizes: Sizes): number;
}

/** A product of `[rows, inner]` and `[inner, columns]`, for each group of channels. */
export interface Factors {
  readonly rows: number;
  /** Sizes whose product the number of columns is. */
  readonly columns: Shape;
  readonly inner: Shape;
  readonly groups: number;
  /** Into how many sums the inner axis is split. */
  readonly parts: number;
  /** Lines for a thread, once: they may read `column` where threads keep to a column, `z` and `part`. */
  readonly setup: string;
  /** Whether neighboring threads take neighboring inner positions of the second factor rather than columns. */
  readonly innerFirst: boolean;
  /** Lines of what the first factor needs to know of `k`. */
  readonly beforeA: string;
  /** The same of the second factor, where threads keep to an inner position. */
  readonly beforeB: string;
  /** Expression of the first factor at `row` and `k`. */
  readonly a: string;
  /** Lines that set `value` to the second factor at `k` and `column`. */
  readonly b: string;
  /** Body of a function of `row`, `column`, `z`, `part` and `sum`; it adds to an entry of `r` for each of `sums`. */
  readonly finish: string;
  /** Whether `finish` takes two neighboring columns one after the other, of which `e` is the first or second. */
  readonly inPairs: boolean;
  /** Sums over the columns; channels are rows. */
  readonly sums: readonly ChannelSum[];
}

/** A sum for each of some channels, in shares of tiles: those of a channel lie one after the other. */
interface ChannelSum {
  /** Where the shares lie. */
  readonly place: string;
  readonly start: number;
  readonly channels: string;
}

const THREADS = 64;
const TILE_COLUMNS = TILE_PIXELS;
const TILE_INNER = 16;
const THREAD_ROWS = 4;
const THREAD_COLUMNS = 16;

/** Tiles of the product of two factors. */
export function product(code: Code, f: Factors): Product {
  const tile = f.rows > 16 ? 32 : 16;
  const rows = code.number('rows', f.rows);
  const parts = f.parts === 1 ? '1' : code.number('parts', f.parts);
  const tilesDown = code.number('tiles', Math.ceil(f.rows / tile));
  const own = { rows: tile / THREAD_ROWS, columns: TILE_COLUMNS / THREAD_COLUMNS };
  const eachSum = (text: (i: number, j: number) => string) =>
    each(own.rows, (i) => each(own.columns, (j) => text(i, j)));
  const tiles = Math.ceil(f.rows / tile);
  const sizeOf = (name: string, shape: Shape) =>
    shape.map((d, i) => (typeof d === 'number' ? code.number(`${name}${i}`, d) : code.dim(d))).join(' * ');
  const loads = (tile * TILE_INNER) / THREADS;
  const loadB = f.innerFirst
    ? `let k = k0 + ka;
${f.beforeB}
for (var j = 0; j < ${(TILE_COLUMNS * TILE_INNER) / THREADS}; j++) {
let cc = thread / ${TILE_INNER} + j * ${THREADS / TILE_INNER};
let column = column0 + cc;
var value = 0f;
if (k < inner && column < columns) {
${f.b}
}
bs[ka * ${TILE_COLUMNS} + cc] = value;
}`
    : `for (var kk = 0; kk < ${TILE_INNER}; kk++) {
let k = k0 + kk;
var value = 0f;
if (k < inner && column < columns) {
${f.b}
}
bs[kk * ${TILE_COLUMNS} + thread] = value;
}`;
  const body = `
let thread = i32(t);
let columns = ${sizeOf('columns', f.columns)};
let inner = ${sizeOf('inner', f.inner)};
let tilesAcross = (columns + ${TILE_COLUMNS - 1}) / ${TILE_COLUMNS};
let row0 = (g % ${tilesDown}) * ${tile};
let above = g / ${tilesDown};
let column0 = (above % tilesAcross) * ${TILE_COLUMNS};
let rest = above / tilesAcross;
let part = rest % ${parts};
let z = rest / ${parts};
if (z >= ${f.groups}) { return; }
let steps = ${parts} * ${TILE_INNER};
let share = (inner + steps - 1) / steps * ${TILE_INNER};
let end = min(inner, (part + 1) * share);
let threadRow = thread / ${THREAD_COLUMNS};
let threadColumn = thread % ${THREAD_COLUMNS};
${f.innerFirst ? '' : 'let column = column0 + thread;'}
${f.setup}
${eachSum((i, j) => `var s${i}_${j} = 0f;`)}
for (var k0 = part * share; k0 < end; k0 += ${TILE_INNER}) {
let ka = thread % ${TILE_INNER};
{
let k = k0 + ka;
${f.beforeA}
for (var j = 0; j < ${loads}; j++) {
let rr = thread / ${TILE_INNER} + j * ${THREADS / TILE_INNER};
let row = row0 + rr;
var value = 0f;
if (row < ${rows} && k < inner) { value = ${f.a}; }
as_[ka * ${tile} + rr] = value;
}
}
${loadB}
workgroupBarrier();
for (var kk = 0; kk < ${TILE_INNER}; kk++) {
${each(own.rows, (i) => `let a${i} = as_[kk * ${tile} + threadRow + ${i * THREAD_ROWS}];`)}
${each(own.columns, (j) => `let b${j} = bs[kk * ${TILE_COLUMNS} + ${columnOf(f, j)}];`)}
${eachSum((i, j) => `s${i}_${j} = fma(a${i}, b${j}, s${i}_${j});`)}
}
workgroupBarrier();
}
${finished(f, own, tile, rows)}`;
  const functions = `
var<workgroup> as_: array<f32, ${tile * TILE_INNER}>;
var<workgroup> bs: array<f32, ${TILE_COLUMNS * TILE_INNER}>;
${finishFunction(code, f, rows)}`;
  return {
    functions,
    body,
    threads: THREADS,
    groups: (sizes) => tiles * Math.ceil(count(f.columns, sizes) / TILE_COLUMNS) * f.parts * f.groups,
  };
}

/** The column of the tile that a thread's `j`th sum is for: neighboring threads take neighboring columns or pairs. */
const columnOf = ({ inPairs }: Factors, j: number) =>
  inPairs
    ? `2 * threadColumn + ${2 * (j >> 1) * THREAD_COLUMNS + (j & 1)}`
    : `threadColumn + ${j * THREAD_COLUMNS}`;

/** The function that an element of the result, or a pair of them, goes to; it gives what each sum takes. */
function finishFunction(code: Code, { sums, finish, inPairs }: Factors, rows: string): string {
  const value = inPairs
    ? 'first: i32, z: i32, part: i32, both: vec2<f32>'
    : 'column: i32, z: i32, part: i32, sum: f32';
  const body = inPairs ? code.overPair(`let column = first + e;\nlet sum = both[e];\n${finish}`) : finish;
  const isOutside = `row >= ${rows} || ${inPairs ? 'first' : 'column'} >= columns`;
  const result = `array<f32, ${sums.length}>`;
  const [type, start, end] =
    sums.length > 0 ? [` -> ${result}`, `var r: ${result};`, 'return r;'] : ['', '', 'return;'];
  return `fn finish(row: i32, ${value}, columns: i32)${type} {
${start}
if (${isOutside}) { ${end} }
${body}
${end}
}`;
}

/** Lines that finish the elements of a thread, in a loop so that `finish` is compiled once, then sum over the tile's columns. */
function finished(f: Factors, own: Extent, tile: number, rows: string): string {
  const { sums, inPairs } = f;
  const elements = Array.from({ length: own.rows * own.columns }, (_, n) => n);
  const names = elements.map((n) => `s${Math.floor(n / own.columns)}_${n % own.columns}`);
  const at = `i * ${own.columns} + ${inPairs ? '2 * j' : 'j'}`;
  const value = inPairs ? `vec2<f32>(all[${at}], all[${at} + 1])` : `all[${at}]`;
  const column = inPairs
    ? `2 * (threadColumn + j * ${THREAD_COLUMNS})`
    : `threadColumn + j * ${THREAD_COLUMNS}`;
  const call = `finish(row0 + threadRow + i * ${THREAD_ROWS}, column0 + ${column}, z, part, ${value}, columns)`;
  const finishing =
    sums.length > 0 ? `let r = ${call};\n${each(sums.length, (q) => `q[i][${q}] += r[${q}];`)}` : `${call};`;
  return `
var all = array<f32, ${names.length}>(${names.join(', ')});
${sums.length > 0 ? `var q: array<array<f32, ${sums.length}>, ${own.rows}>;` : ''}
for (var i = 0; i < ${own.rows}; i++) {
for (var j = 0; j < ${inPairs ? own.columns / 2 : own.columns}; j++) {
${finishing}
}
}
${each(sums.length, (q) => tileShare(q, sums[q], own, tile, rows))}`;
}

/** The threads of a row put their parts of a sum together in what was the tile of the second factor. */
const tileShare = (
  q: number,
  { place, start, channels }: ChannelSum,
  own: Extent,
  tile: number,
  rows: string,
) => `
for (var i = 0; i < ${own.rows}; i++) { bs[(threadRow + i * ${THREAD_ROWS}) * ${THREAD_COLUMNS} + threadColumn] = q[i][${q}]; }
workgroupBarrier();
if (thread < ${tile} && row0 + thread < ${rows}) {
let channel = z * ${rows} + row0 + thread - ${start};
if (channel >= 0 && channel < ${channels}) {
var total = 0f;
for (var x = 0; x < ${THREAD_COLUMNS}; x++) { total += bs[thread * ${THREAD_COLUMNS} + x]; }
m[${place} + channel * tilesAcross + column0 / ${TILE_COLUMNS}] = bitcast<u32>(total);
}
}
workgroupBarrier();`;

/** Elements of the result that a thread computes. */
interface Extent {
  readonly rows: number;
  readonly columns: number;
}

const each = (n: number, text: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => text(i)).join('\n');
