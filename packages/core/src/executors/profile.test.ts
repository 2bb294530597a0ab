/** What executors tell of time, and free. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { profileFiles } from '../devices/profile-files.js';
import { constant, type Graph, input, param, tensor } from '../graph/node.js';
import * as ops from '../ops/build.js';
import type { Executor } from './executor.js';
import { createInterpreter } from './interpreter/interpret.js';
import { createOnnxExecutor } from './onnx/executor.js';
import { createTfjsExecutor } from './tfjs/executor.js';

const w = param('w', [2, 2]);
const x = input('x', [2, 2]);
const product = ops.matmul(w, ops.exp(ops.exp(ops.add(x, constant(tensor([1, 2]))))));
const graph: Graph = { outputs: { next: ops.add(w, 1), product }, state: { next: 'w' } };
const feeds = { x: tensor([1, 2, 3, 4], [2, 2]) };
const values = new Map([['w', tensor([1, 2, 3, 4], [2, 2])]]);

const EXECUTORS: Record<string, () => Executor> = {
  interpreter: createInterpreter,
  onnxruntime: () => createOnnxExecutor(ort, { profiles: profileFiles }),
  tfjs: () => createTfjsExecutor(tf),
};

describe.each(Object.entries(EXECUTORS))('%s', (name, create) => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test('measures how long each op takes', async () => {
    const executor = create();
    const times = await executor.profile!(graph, feeds, await executor.createStore(values));
    const exp = times.find(({ op }) => op.toLowerCase() === 'exp');
    expect(exp).toMatchObject({ count: 2 });
    expect(times.every(({ seconds }) => seconds >= 0)).toBe(true);
    expect(times.map(({ seconds }) => seconds)).toEqual(
      times.map(({ seconds }) => seconds).sort((a, b) => b - a),
    );
    await executor.dispose();
  });

  test('dispose frees every program and store, once', async () => {
    const executor = create();
    const before = tf.memory().numTensors;
    const programs = [await executor.compile(graph), await executor.compile(graph)];
    const store = await executor.createStore(values);
    for (const program of programs) await program.run(feeds, store);
    if (name === 'tfjs') expect(tf.memory().numTensors).toBeGreaterThan(before);
    await programs[0].dispose();
    await executor.dispose();
    await executor.dispose();
    await Promise.all(programs.map((program) => program.dispose()));
    expect(store.names).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    if (name === 'onnxruntime') await expect(programs[1].run(feeds, store)).rejects.toThrow();
  });
});
