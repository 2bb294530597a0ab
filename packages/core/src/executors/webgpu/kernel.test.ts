import { must } from '@froyolo/errors';
import { expect, test } from 'vitest';
import { gradients } from '../../autodiff/gradients.js';
import { planLaunches } from '../../fusion/plan.js';
import { type Graph, input, param } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { mixedPrecision } from '../../passes/mixed-precision.js';
import type { Abilities } from './abilities.js';
import { kernelOf } from './kernel.js';

function programsOf(graph: Graph, can?: Abilities): string {
  const plan = planLaunches(graph);
  return plan.launches.map((launch) => kernelOf(launch, plan, can).text).join('\n');
}

test('a constant is the same number in halves as in float32', () => {
  const y = ops.mul(ops.conv2d(input('x', [1, 4, 8, 8]), param('w', [4, 4, 1, 1])), 4);
  for (const graph of [{ outputs: { y } }, mixedPrecision({ outputs: { y } })])
    expect(programsOf(graph)).toContain('sum * 4f;');
});

/** Convolutions of each kind, and sums of what follows them. */
function trained(): Graph {
  const x = input('x', [2, 4, 8, 8]);
  const [pointwise, wide] = [param('w', [4, 4, 1, 1]), param('v', [4, 4, 3, 3])];
  const y = ops.conv2d(ops.silu(ops.conv2d(x, wide, undefined, { pad: 1 })), pointwise);
  const [dw, dv] = gradients(ops.reduceSum(ops.square(y)), [pointwise, wide]);
  const sums = { sum: ops.reduceSum(ops.silu(y)), most: ops.reduceMax(y, [0, 1, 2, 3]) };
  return { outputs: { dw: must(dw, 'a gradient'), dv: must(dv, 'a gradient'), ...sums } };
}

test('tiles are halves only in half precision, and on GPUs that have halves', () => {
  const half = mixedPrecision(trained());
  const can = { halves: true, subgroups: false };
  expect(programsOf(half, can)).toMatch(/enable f16;(?:.*\n)*alias Tile = vec4<f16>;/);
  for (const programs of [programsOf(half), programsOf(trained(), can)]) {
    expect(programs).toContain('alias Tile = vec4<f32>;');
    expect(programs).not.toContain('f16>');
  }
});

test('two neighboring halves are read at once where the pixels of a convolution are those of its image', () => {
  const reads = /value\.x = pair\.x; value\.y = pair\.y;/;
  expect(programsOf(mixedPrecision(trained()))).toMatch(reads);
  expect(programsOf(trained())).not.toMatch(reads);
  const odd = ops.conv2d(input('x', [2, 4, 5, 5]), param('w', [4, 4, 1, 1]));
  expect(programsOf(mixedPrecision({ outputs: { odd } }))).not.toMatch(reads);
});

test('sums use subgroups where the GPU has them', () => {
  const programs = programsOf(trained(), { halves: false, subgroups: true });
  for (const text of ['enable subgroups;', '= subgroupAdd(a', '= subgroupMax(a', '@builtin(subgroup_id)'])
    expect(programs).toContain(text);
  expect(programsOf(trained())).not.toContain('subgroup');
});
