/** Measures training steps in a web worker, as packages/web trains. */
import type { Executor } from '@froyolo/core';
import { factsOf, open } from '@froyolo/web/device';
import type { OpenedInPage } from '../src/chromium.js';
import { benchDetector, timeTrainingStep } from '../src/training-step.js';

let executor: Executor;

Object.assign(globalThis, {
  async open(request: string): Promise<OpenedInPage> {
    const device = await open(request);
    executor = device.opened.executor;
    return { description: factsOf(device), software: device.software };
  },
  measure(depth: string, amp = false): Promise<number> {
    return timeTrainingStep(benchDetector(), executor, depth, amp);
  },
});
console.log('worker ready');
