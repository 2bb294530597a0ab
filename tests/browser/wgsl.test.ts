import { mixedPrecision, topologicalOrder } from '@froyolo/core';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../packages/core/src/executors/interpreter/interpret.js';
import {
  feed,
  normalizedConvolutions,
  pointwiseConvolutions,
} from '../../packages/core/src/testing/executor-cases.js';
import { describeTrainingStep } from '../parity/training-step.js';
import { tryChromiumDevice } from './chromium-device.js';
import { describeOps, describeTinyStep } from './device-tests.js';

const device = await tryChromiumDevice('wgsl');
const { title, executor, missing } = device;
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

// On an imitated GPU the other freezes take minutes: FROYOLO_LONG=1 runs them, too.
describeTrainingStep(title, () => executor!, {
  ...device,
  ...(process.env.FROYOLO_LONG ? {} : { gradients: ['f24_bneval'] }),
  optimizers: [],
});
describeOps(device);

describe.skipIf(!executor)(`half precision on ${title} gives what float32 gives, to 1%${skipped}`, () => {
  // In images of an even number of pixels two halves share a word.
  test.each([
    ['normalized', 8, 8, normalizedConvolutions],
    ['normalized', 7, 5, normalizedConvolutions],
    ['pointwise', 8, 8, pointwiseConvolutions],
    ['pointwise', 7, 5, pointwiseConvolutions],
  ])('%s convolutions of images of %i × %i', async (_name, height, width, graph) => {
    const { outputs } = graph([height, width]);
    const leaves = topologicalOrder(Object.values(outputs)).filter(({ op }) => op === 'input');
    const feeds = Object.fromEntries(leaves.map((leaf) => feed(leaf, { batch: 2 })));
    const program = await executor!.compile(mixedPrecision({ outputs }));
    const [actual, expected] = [await program.run(feeds), interpret(outputs, feeds)];
    for (const name of Object.keys(outputs)) {
      const largest = Math.max(...expected[name]!.data.map(Math.abs));
      const errors = actual[name]!.data.map((value, i) => Math.abs(value - expected[name]!.data[i]!));
      expect(Math.max(...errors) / largest, name).toBeLessThan(0.01);
    }
    await program.dispose();
  });
});

describeTinyStep(device, [[10, 'eval', 'AdamW']]);
