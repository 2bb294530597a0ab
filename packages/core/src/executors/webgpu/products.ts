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
  /** Number of partial sums that the inner axis is split into. */
  readonly parts: number;
  /** Lines for a thread, once: they may read `column` where threads keep to their columns, `z` and `part`. */
  readonly setup: string;
  /** Whether neighboring threads take neighboring inner positions of the second factor rather than columns. */
  readonly innerFirst: boolean;
  /** Lines of what the first factor needs to know of `k`. */
  readonly beforeA: string;
  /** The same of the second factor, where threads keep to an inner position. */
  readonly beforeB: string;
  /** Expression of the first factor at a row and `k`. */
  readonly a: (row: string) => string;
  /** Lines that set `value` to the second factor at `k` and the four of `column`, as far as they are `inside`. */
  readonly b: string;
  /** Whether `b` reads neighboring columns at once: the first two of the four, and the others. */
  readonly readsPairs: boolean;
  /** Whether halves hold both factors, so that their tiles may be halves. */
  readonly inHalves: boolean;
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
/** Stride between inner positions of a tile, in vectors: one more than needed, to spread over memory banks. */
const B_STRIDE = TILE_COLUMNS / 4 + 1;

/** Tiles of the product of two factors. Workgroup memory holds them as vectors of four rows, and of four columns. */
export function product(code: Code, f: Factors): Product {
  const tile = f.rows > 16 ? 32 : 16;
  const rows = code.number('rows', f.rows);
  const parts = f.parts === 1 ? '1' : code.number('parts', f.parts);
  const tilesDown = code.number('tiles', Math.ceil(f.rows / tile));
  const tiles = Math.ceil(f.rows / tile);
  const sizeOf = (name: string, shape: Shape) =>
    shape.map((d, i) => (typeof d === 'number' ? code.number(`${name}${i}`, d) : code.dim(d))).join(' * ');
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
${f.innerFirst ? '' : columnsAt(f, 'threadColumn')}
${f.setup}
${each(tile / THREAD_ROWS, (i) => `var s${i} = vec4<f32>();`)}
for (var k0 = part * share; k0 < end; k0 += ${TILE_INNER}) {
${loadA(f, tile, rows)}
${loadB(f)}
workgroupBarrier();
${multiply(tile)}
workgroupBarrier();
}
${finished(f, tile, rows)}`;
  return {
    functions: `${tileMemory(code, f, tile)}\n${finishFunction(code, f, rows)}`,
    body,
    threads: THREADS,
    groups: (sizes) => tiles * Math.ceil(count(f.columns, sizes) / TILE_COLUMNS) * f.parts * f.groups,
  };
}

/** Products of halves are exact in float32, and summed there. */
function tileMemory(code: Code, { inHalves, sums }: Factors, tile: number): string {
  const type = inHalves && code.can.halves ? 'f16' : 'f32';
  return `
alias Tile = vec4<${type}>;
var<workgroup> as_: array<Tile, ${aStride(tile) * TILE_INNER}>;
var<workgroup> bs: array<Tile, ${B_STRIDE * TILE_INNER}>;
${sums.length > 0 ? `var<workgroup> shares: array<f32, ${tile * THREAD_COLUMNS}>;` : ''}`;
}

const aStride = (tile: number) => tile / 4 + 1;

/** Four rows at a time, a vector of `THREAD_ROWS` apart. */
const loadA = ({ beforeA, a }: Factors, tile: number, rows: string) => `{
let k = k0 + threadColumn;
${beforeA}
for (var q = 0; q < ${tile / 16}; q++) {
let row = row0 + threadRow + q * 16 + vec4<i32>(0, ${THREAD_ROWS}, ${2 * THREAD_ROWS}, ${3 * THREAD_ROWS});
var value = vec4<f32>();
if (k < inner) {
${components((c) => `if (row.${c} < ${rows}) { value.${c} = ${a(`row.${c}`)}; }`)}
}
as_[threadColumn * ${aStride(tile)} + threadRow * ${tile / 16} + q] = Tile(value);
}
}`;

function loadB(f: Factors): string {
  const [kk, column] = f.innerFirst ? ['threadColumn', 'x'] : ['x', 'threadColumn'];
  const before = f.innerFirst ? `let k = k0 + threadColumn;\n${f.beforeB}` : '';
  return `{
${before}
for (var j = 0; j < ${THREAD_COLUMNS / THREAD_ROWS}; j++) {
let x = threadRow + j * ${THREAD_ROWS};
${f.innerFirst ? columnsAt(f, 'x') : 'let k = k0 + x;'}
var value = vec4<f32>();
if (k < inner) {
${f.b}
}
bs[${kk} * ${B_STRIDE} + ${column}] = Tile(value);
}
}`;
}

const multiply = (tile: number) => `for (var kk = 0; kk < ${TILE_INNER}; kk++) {
let b = vec4<f32>(bs[kk * ${B_STRIDE} + threadColumn]);
${each(tile / 16, (q) => `let a${q} = vec4<f32>(as_[kk * ${aStride(tile)} + threadRow * ${tile / 16} + ${q}]);`)}
${each(tile / THREAD_ROWS, (i) => `s${i} = fma(vec4<f32>(a${i >> 2}.${COMPONENTS[i & 3]}), b, s${i});`)}
}`;

/** Lines that name the columns of a vector of the tile, and which of them there are. */
const columnsAt = (f: Factors, at: string) => `let column = column0 + ${columnsOf(f, at)};
let inside = column < vec4<i32>(columns);`;

const isPaired = ({ inPairs, readsPairs }: Factors) => inPairs || readsPairs;

/** The columns of a vector: neighboring vectors have neighboring columns, or neighboring pairs of them. */
const columnsOf = (f: Factors, at: string) =>
  isPaired(f)
    ? `2 * ${at} + vec4<i32>(0, 1, ${2 * THREAD_COLUMNS}, ${2 * THREAD_COLUMNS + 1})`
    : `${at} + vec4<i32>(0, ${THREAD_COLUMNS}, ${2 * THREAD_COLUMNS}, ${3 * THREAD_COLUMNS})`;

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
function finished(f: Factors, tile: number, rows: string): string {
  const { sums, inPairs } = f;
  const own = tile / THREAD_ROWS;
  const names = Array.from({ length: own }, (_, i) => `s${i}`);
  const value = inPairs ? 'vec2<f32>(all[i][2 * j], all[i][2 * j + 1])' : 'all[i][j]';
  const column = inPairs ? 'columnsOf[2 * j]' : 'columnsOf[j]';
  const call = `finish(row0 + threadRow + i * ${THREAD_ROWS}, column0 + ${column}, z, part, ${value}, columns)`;
  const finishing =
    sums.length > 0 ? `let r = ${call};\n${each(sums.length, (q) => `q[i][${q}] += r[${q}];`)}` : `${call};`;
  return `
var all = array<vec4<f32>, ${own}>(${names.join(', ')});
var columnsOf = ${columnsOf(f, 'threadColumn')};
${sums.length > 0 ? `var q: array<array<f32, ${sums.length}>, ${own}>;` : ''}
for (var i = 0; i < ${own}; i++) {
for (var j = 0; j < ${inPairs ? 2 : 4}; j++) {
${finishing}
}
}
${each(sums.length, (q) => tileShare(q, sums[q], tile, rows))}`;
}

/** Adds up the parts of a sum that the threads of a row have. */
const tileShare = (q: number, { place, start, channels }: ChannelSum, tile: number, rows: string) => `
for (var i = 0; i < ${tile / THREAD_ROWS}; i++) { shares[(threadRow + i * ${THREAD_ROWS}) * ${THREAD_COLUMNS} + threadColumn] = q[i][${q}]; }
workgroupBarrier();
if (thread < ${tile} && row0 + thread < ${rows}) {
let channel = z * ${rows} + row0 + thread - ${start};
if (channel >= 0 && channel < ${channels}) {
var total = 0f;
for (var x = 0; x < ${THREAD_COLUMNS}; x++) { total += shares[thread * ${THREAD_COLUMNS} + x]; }
m[${place} + channel * tilesAcross + column0 / ${TILE_COLUMNS}] = bitcast<u32>(total);
}
}
workgroupBarrier();`;

const COMPONENTS = ['x', 'y', 'z', 'w'] as const;

/** Lines for each component of a vector. */
export const components = (text: (component: string) => string) => COMPONENTS.map(text).join('\n');

const each = (n: number, text: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => text(i)).join('\n');
