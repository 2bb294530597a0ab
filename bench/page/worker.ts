/** Measures training steps in a web worker, as packages/web trains. */
import type { Executor } from '@froyolo/core';
import { architectureYaml } from '@froyolo/model-yaml';
import { open } from '@froyolo/web/device';
import { createDetector } from '@froyolo/yolo';
import type { OpenedInPage } from '../src/chromium.js';
import { timeTrainingStep } from '../src/training-step.js';

let executor: Executor;

Object.assign(globalThis, {
  async open(request: string): Promise<OpenedInPage> {
    const { opened, description } = await open(request);
    executor = opened.executor;
    return { description, software: opened.software ?? false };
  },
  measure(depth: string): Promise<number> {
    const detector = createDetector(architectureYaml('yolov5n'), { names: ['a', 'b', 'c'], seed: 0 });
    return timeTrainingStep(detector, executor, depth);
  },
});
console.log('worker ready');
