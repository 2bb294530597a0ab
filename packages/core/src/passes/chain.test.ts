import { expect, test } from 'vitest';
import { createInterpreter } from '../executors/interpreter/interpret.js';
import { input, param, tensor } from '../graph/node.js';
import * as ops from '../ops/build.js';
import { chain } from './chain.js';

const first = {
  outputs: {
    sum: ops.reduceSum(input('x', [2])),
    total: ops.add(param('total', [2]), input('x', [2])),
    count: ops.add(param('count', [1]), 1),
  },
  state: { total: 'total', count: 'count' },
};
const second = {
  outputs: {
    w: ops.add(param('w', [2]), ops.mul(param('total', [2]), input('rate', []))),
    cleared: ops.mul(param('total', [2]), 0),
    norm: ops.reduceSum(param('total', [2])),
  },
  state: { w: 'w', cleared: 'total' },
};

test('a chain of two graphs gives and stores what they do one after the other', async () => {
  const own = {
    ...first,
    outputs: { ...first.outputs, total: ops.add(param('total', [2]), first.outputs.sum) },
  };
  const executor = createInterpreter();
  const start = () =>
    executor.createStore(
      new Map([
        ['w', tensor([1, 2])],
        ['total', tensor([10, 20])],
        ['count', tensor([0])],
      ]),
    );
  const [one, other] = [await start(), await start()];
  const feeds = { x: tensor([3, 4]), rate: { ...tensor([0.5]), shape: [] } };
  const [a, b, both] = [
    await executor.compile(own),
    await executor.compile(second),
    await executor.compile(chain(own, second)),
  ];
  for (let i = 0; i < 2; i++) {
    const expected = { ...(await a.run(feeds, one)), ...(await b.run(feeds, one)) };
    expect(await both.run(feeds, other)).toEqual(expected);
  }
  expect(await other.read()).toEqual(await one.read());
});
