/** Measures training steps in a web worker, as packages/web trains. */
import type { Executor } from '@froyolo/core';
import { open } from '@froyolo/web/device';
import type { OpenedInPage } from '../src/chromium.js';
import { benchDetector, timeTrainingStep } from '../src/training-step.js';

let executor: Executor;

Object.assign(globalThis, {
  async open(request: string): Promise<OpenedInPage> {
    const { opened, description } = await open(request);
    executor = opened.executor;
    return { description, software: opened.software ?? false };
  },
  measure(depth: string, amp = false): Promise<number> {
    return timeTrainingStep(benchDetector(), executor, depth, amp);
  },
});
console.log('worker ready');
