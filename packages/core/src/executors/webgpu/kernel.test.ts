import { expect, test } from 'vitest';
import { planLaunches } from '../../fusion/plan.js';
import { type Graph, input, param } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { mixedPrecision } from '../../passes/mixed-precision.js';
import { kernelOf } from './kernel.js';

function programsOf(graph: Graph): string {
  const plan = planLaunches(graph);
  return plan.launches.map((launch) => kernelOf(launch, plan).text).join('\n');
}

test('a constant is the same number in halves as in float32', () => {
  const y = ops.mul(ops.conv2d(input('x', [1, 4, 8, 8]), param('w', [4, 4, 1, 1])), 4);
  for (const graph of [{ outputs: { y } }, mixedPrecision({ outputs: { y } })])
    expect(programsOf(graph)).toContain('sum * 4f;');
});
