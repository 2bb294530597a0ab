/** What all WGSL programs have: bindings, the entry point, and threads for elements. */
import type { Shape } from '../../graph/node.js';
import type { Sizes } from '../../ops/op.js';
import { count } from '../../ops/shapes.js';
import type { Code, Slot } from './code.js';

/** A program; launches that only differ in numbers have the same text. */
export interface Kernel {
  readonly text: string;
  /** The values in `u` at a run. */
  readonly slots: readonly Slot[];
  /** Number of workgroups. */
  groups(sizes: Sizes): number;
}

/** Most workgroups along the first axis of a dispatch; more continue in the next row. */
export const ROW = 32768;
export const THREADS = 128;

const head = (element = 'u32') => `
@group(0) @binding(0) var<storage, read_write> m: array<${element}>;
@group(0) @binding(1) var<storage, read> c: array<u32>;
@group(0) @binding(2) var<storage, read> u: array<i32>;`;

/** Unpacks values of which several share a word; halves that overflow become NaN. */
const PACKED = {
  byteAt: `
fn byteAt(place: i32, i: i32) -> i32 { return i32((m[place + (i >> 2u)] >> u32((i & 3) * 8)) & 255u); }`,
  halfAt: `
fn halfAt(place: i32, i: i32) -> f32 { return unpack2x16float(m[place + (i >> 1u)])[i & 1]; }`,
  halves: `
fn halves(v: vec2<f32>) -> u32 {
let over = select(vec2<u32>(0x7c00u), vec2<u32>(0u), abs(v) <= vec2<f32>(65504f));
return pack2x16float(clamp(v, vec2<f32>(-65504f), vec2<f32>(65504f))) | over.x | (over.y << 16u);
}`,
};

/** What a program must ask for before it uses it. */
const EXTENSIONS = [
  ['f16', /\bf16\b/],
  ['subgroups', /\bsubgroups\b/],
] as const;

/** A whole program, with the functions that it calls. */
export function program(body: string, element?: string): string {
  const called = Object.entries(PACKED).filter(([name]) => body.includes(`${name}(`));
  const enabled = EXTENSIONS.filter(([, used]) => used.test(body)).map(([name]) => `enable ${name};\n`);
  return `${enabled.join('')}${head(element)}${called.map(([, text]) => text).join('')}${body}`;
}

/** Where a thread is among subgroups, for programs that ask. */
const SUBGROUPS = ', @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) subgroups: u32';

export const main = (threads: number, body: string) => `
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) w: vec3<u32>, @builtin(local_invocation_index) t: u32${/\bsubgroups\b/.test(body) ? SUBGROUPS : ''}) {
let g = i32(w.y * ${ROW}u + w.x);
${body}
}`;

/** A thread for each element of `shape`, whose flat position is `i`. */
export function perElement(code: Code, shape: Shape, body: () => void, element?: string): Kernel {
  code.line(`let i = g * ${THREADS} + i32(t);`);
  code.line(`if (i >= ${countText(code, shape)}) { return; }`);
  body();
  return {
    text: program(main(THREADS, code.take()), element),
    slots: code.slots,
    groups: (sizes) => Math.ceil(count(shape, sizes) / THREADS),
  };
}

export const countText = (code: Code, shape: Shape) => shape.map((d) => code.dim(d)).join(' * ') || '1';

/** A thread for two neighboring elements of a shape that has an even number of them; `i` is the position of one. */
export function perPair(code: Code, shape: Shape, body: () => void): Kernel {
  code.line(`let pair = g * ${THREADS} + i32(t);`);
  code.line(`if (2 * pair >= ${countText(code, shape)}) { return; }`);
  const start = code.take();
  code.line('let i = 2 * pair + e;');
  body();
  return {
    text: program(main(THREADS, `${start}\n${code.overPair(code.take())}`)),
    slots: code.slots,
    groups: (sizes) => Math.ceil(count(shape, sizes) / (2 * THREADS)),
  };
}
