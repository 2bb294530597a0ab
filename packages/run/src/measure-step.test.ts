import { createInterpreter, type Executor, type Program, type Store } from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { createDetector, freezeFor } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { expect, test } from 'vitest';
import { measureSteps } from './measure-step.js';

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const hyp = hypPresets['scratch-low'];
const options = { hyp, imgsz: 32, optimizer: 'SGD', freeze: freezeFor(detector, 0) } as const;

/** An executor that counts what is open; `fail` throws instead of the n-th compilation, or of every run. */
function counting(fail: { readonly compilation?: number; readonly run?: true }) {
  const inner = createInterpreter();
  const counts = { open: 0, compiled: 0 };
  const counted = <T extends Program | Store>(one: T): T => {
    counts.open++;
    const dispose = one.dispose.bind(one);
    return Object.assign(one, {
      dispose: () => {
        counts.open--;
        return dispose();
      },
    });
  };
  const executor: Executor = Object.assign(Object.create(inner), {
    compile: async () => {
      if (++counts.compiled === fail.compilation) throw new Error('out of memory');
      const run = () => (fail.run ? Promise.reject(new Error('out of memory')) : Promise.resolve({}));
      return counted({ run, dispose: async () => undefined });
    },
    createStore: async (values: Parameters<Executor['createStore']>[0]) =>
      counted(await inner.createStore(values)),
  });
  return { executor, counts };
}

test.each([{ compilation: 2 }, { run: true }] as const)(
  'what fails frees all that it holds: %j',
  async (fail) => {
    const { executor, counts } = counting(fail);
    const measured = measureSteps(detector, executor, options, {
      batchSize: 1,
      steps: 1,
      processBytes: () => 0,
    });
    await expect(measured).rejects.toThrow('out of memory');
    expect(counts).toEqual({ open: 0, compiled: 2 });
  },
);
