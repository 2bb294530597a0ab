import { numel } from '@froyolo/common';
import { propertySeed } from '@froyolo/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import { interpret } from '../executors/interpreter/interpret.js';
import { constant, type Graph, GraphError, input, type Node, param, tensor } from '../graph/node.js';
import * as ops from '../ops/build.js';
import { splitPrefix } from './split-prefix.js';

fc.configureGlobal({ seed: propertySeed });

const values = (shape: readonly number[], phase = 0) =>
  tensor(
    Float32Array.from({ length: numel(shape) }, (_, i) => Math.sin(1 + phase + i * 1.7)),
    shape,
  );

const images = input('images', ['batch', 2, 8, 8]);
const feed = values([3, 2, 8, 8]);
const frozen = (x: Node, out: number, stride = 1) =>
  ops.silu(
    ops.conv2d(x, constant(values([out, x.shape[1] as number, 3, 3], out)), undefined, { stride, pad: 1 }),
  );
const trained = (x: Node, out: number, name: string) =>
  ops.conv2d(x, param(name, [out, x.shape[1] as number, 1, 1]));

/** The gradient graph of the sum of squares of the outputs. */
function gradientGraph(heads: readonly Node[], params: readonly Node[]): Graph {
  const loss = heads.map((head) => ops.reduceSum(ops.square(head))).reduce((a, b) => ops.add(a, b));
  const all = gradients(loss, params);
  return { outputs: { loss, ...Object.fromEntries(params.map((p, i) => [`grad/${p.name}`, all[i]!])) } };
}

const paramsOf = (heads: readonly Node[]) => heads.map((head) => head.inputs[1]);

/** Runs the whole graph, and the two halves one after the other. */
function expectSame(graph: Graph, params: readonly Node[]): ReturnType<typeof splitPrefix> {
  const split = splitPrefix(graph);
  const weights = Object.fromEntries(params.map((p, i) => [p.name!, values(p.shape as number[], i)]));
  const whole = interpret(graph.outputs, { images: feed, ...weights });
  const cut = interpret(split.prefix.outputs, { images: feed });
  const halves = interpret(split.rest.outputs, { ...cut, ...weights });
  expect(Object.keys(halves)).toEqual(Object.keys(whole));
  for (const [name, { data }] of Object.entries(whole)) {
    const scale = Math.max(...data.map(Math.abs), 1);
    data.forEach((v, i) => {
      expect(Math.abs(v - halves[name].data[i])).toBeLessThanOrEqual(1e-5 * scale);
    });
  }
  return split;
}

const shapes = ({ cut }: ReturnType<typeof splitPrefix>) => cut.map(({ shape }) => shape.slice(1));

describe('splitPrefix', () => {
  test('in half precision, both halves have it at the cut, and no value overflows', () => {
    const x = ops.mul(frozen(images, 4), 1e5);
    const heads = [trained(x, 2, 'a')];
    const { prefix, rest } = splitPrefix(gradientGraph(heads, paramsOf(heads)), 'images', 'float16');
    const { cut0 } = interpret(prefix.outputs, { images: feed });
    expect(cut0.dtype).toBe('float16');
    const [exact] = Object.values(interpret({ x }, { images: feed }));
    const stored = interpret({ y: ops.cast(input('h', cut0.shape, 'float16'), 'float32') }, { h: cut0 });
    stored.y.data.forEach((v, i) => {
      const clipped = Math.min(Math.max(exact.data[i], -65504), 65504);
      expect(Math.abs(v - clipped)).toBeLessThanOrEqual(2 ** -11 * Math.abs(clipped) + 2 ** -24);
    });
    expect(stored.y.data).toContain(65504);
    const { loss } = interpret(rest.outputs, { cut0, a: values([2, 4, 1, 1]) });
    expect(Number.isFinite(loss.data[0])).toBe(true);
  });

  test('several levels are cut where training starts, and the halves give what the whole gives', () => {
    const p1 = frozen(images, 4);
    const p2 = frozen(p1, 6, 2);
    const heads = [trained(p1, 3, 'a'), trained(p2, 3, 'b')];
    const split = expectSame(gradientGraph(heads, paramsOf(heads)), paramsOf(heads));
    expect(shapes(split)).toEqual([
      [4, 8, 8],
      [6, 4, 4],
    ]);
    expect(split.cut.map(({ elements }) => elements)).toEqual([256, 96]);
  });

  test('what only grows by moving is moved again instead of kept', () => {
    const deep = frozen(frozen(images, 4, 2), 8, 2);
    const shallow = frozen(images, 3);
    const joined = ops.concat([ops.upsampleNearest2d(deep, 4), shallow], 1);
    const heads = [trained(joined, 3, 'a'), trained(deep, 3, 'b')];
    expect(shapes(expectSame(gradientGraph(heads, paramsOf(heads)), paramsOf(heads)))).toEqual([
      [8, 2, 2],
      [3, 8, 8],
    ]);
  });

  test('of equal cuts, the one that leaves nothing to move; a slice is kept rather than the whole', () => {
    const joined = ops.concat([frozen(images, 4), frozen(images, 3)], 1);
    const heads = [trained(joined, 3, 'a')];
    expect(shapes(expectSame(gradientGraph(heads, paramsOf(heads)), paramsOf(heads)))).toEqual([[7, 8, 8]]);
    const part = [trained(ops.slice(frozen(images, 6), 1, 2, 4), 3, 'a')];
    expect(shapes(expectSame(gradientGraph(part, paramsOf(part)), paramsOf(part)))).toEqual([[2, 8, 8]]);
  });

  test('a sum over the batch belongs to the rest', () => {
    const x = frozen(images, 4);
    const shifted = ops.channelAffine(x, constant(values([4])), ops.channelSum(x));
    const heads = [trained(shifted, 2, 'a')];
    expect(shapes(expectSame(gradientGraph(heads, paramsOf(heads)), paramsOf(heads)))).toEqual([[4, 8, 8]]);
  });

  test('no frozen prefix, no split', () => {
    const first = trained(ops.div(images, 255), 4, 'stem');
    const graph = gradientGraph([trained(frozen(first, 4), 2, 'head')], [first.inputs[1]]);
    expect(() => splitPrefix(graph)).toThrow(/"images" reach what is trained before anything frozen/);
    expect(() => splitPrefix(graph, 'pixels')).toThrow(GraphError);
    const fixed = { outputs: { y: frozen(input('images', [3, 2, 8, 8]), 2) } };
    expect(() => splitPrefix(fixed)).toThrow(/needs a symbol/);
  });

  test('on random networks: halves agree, and the cut is no larger than what the rest reads', () => {
    const layer = fc.record({
      kind: fc.constantFrom('frozen', 'up', 'join', 'slice'),
      from: fc.nat(),
      other: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 7 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        (layers, reads) => {
          const made: Node[] = [frozen(images, 3), frozen(images, 4, 2)];
          for (const { kind, from, other } of layers) made.push(grow(made, kind, from, other));
          const heads = [...new Set(reads.map((r) => made[r % made.length]))].map((x, i) =>
            trained(x, 2, `w${i}`),
          );
          const split = expectSame(gradientGraph(heads, paramsOf(heads)), paramsOf(heads));
          const read = new Set(heads.map((head) => head.inputs[0]));
          const elements = (x: Node) => (x.shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
          const total = split.cut.reduce((sum, cut) => sum + cut.elements, 0);
          expect(total).toBeLessThanOrEqual([...read].reduce((sum, x) => sum + elements(x), 0));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** One more layer on a network, kept small enough to interpret. */
function grow(made: readonly Node[], kind: string, from: number, other: number): Node {
  const x = made[from % made.length];
  const channels = x.shape[1] as number;
  if (kind === 'up' && (x.shape[2] as number) < 8) return ops.upsampleNearest2d(x, 2);
  const same = made.filter((y) => y.shape[2] === x.shape[2]);
  if (kind === 'join' && channels < 9) return ops.concat([x, same[other % same.length]], 1);
  if (kind === 'slice' && channels > 1) return ops.slice(x, 1, 0, channels - 1);
  return frozen(x, 3);
}
