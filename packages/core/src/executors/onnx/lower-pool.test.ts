import { numel } from '@froyolo/common';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { input, tensor } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { interpret } from '../interpreter/interpret.js';
import { createOnnxExecutor } from './executor.js';
import { toOnnx } from './to-onnx.js';

const WINDOWS = [
  { kernel: 5, stride: 1, pad: 2 },
  { kernel: 3, stride: 1, pad: 1 },
  { kernel: 2, stride: 2, pad: 0 },
  { kernel: 3, stride: 2, pad: 1 },
  { kernel: 2, stride: 3, pad: 0 },
];

test.each(WINDOWS)(
  'the gradient without indices: kernel $kernel, stride $stride, pad $pad',
  async (window) => {
    const [batch, channels, height, width] = [2, 3, 9, 8];
    const x = input('x', ['batch', channels, height, width]);
    const y = ops.maxPool2d(x, window);
    const dy = input('dy', y.shape);
    const outputs = { y, dx: ops.maxPool2dBackward(dy, x, y) };
    const size = (shape: readonly (number | string)[]) =>
      shape.map((d) => (d === 'batch' ? batch : (d as number)));
    const fill = (shape: readonly (number | string)[], value: (i: number) => number) => {
      const numbers = size(shape);
      return tensor(
        Float32Array.from({ length: numel(numbers) }, (_, i) => value(i)),
        numbers,
      );
    };
    const feeds = {
      // Few different values: most windows have several maxima, and the first one gets the gradient.
      x: fill(x.shape, (i) => Math.round(2 * Math.sin(1 + i * 1.7))),
      dy: fill(dy.shape, (i) => 1 + (i % 7)),
    };
    const executor = createOnnxExecutor(ort, { model: { poolIndices: false } });
    const program = await executor.compile({ outputs });
    const { dx } = await program.run(feeds);
    const expected = interpret(outputs, feeds).dx;
    expect(dx.shape).toEqual(expected.shape);
    expect([...dx.data]).toEqual([...expected.data]);
  },
);

test('MaxPool is asked for indices only where it may be', () => {
  const x = input('x', [1, 1, 4, 4]);
  const y = ops.maxPool2d(x, WINDOWS[1]);
  const outputs = { dx: ops.maxPool2dBackward(y, x, y) };
  const scatters = (poolIndices: boolean) =>
    new TextDecoder('latin1').decode(toOnnx({ outputs }, { poolIndices }).bytes).includes('ScatterElements');
  expect([scatters(true), scatters(false)]).toEqual([true, false]);
});
