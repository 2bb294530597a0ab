import { expect, test } from 'vitest';
import { param, tensor } from '../graph/node.js';
import { createInterpreter } from './interpreter/interpret.js';

test('`await using` frees an executor with what it gave out', async () => {
  const values = new Map([['w', tensor([1])]]);
  async function openStore() {
    await using executor = createInterpreter();
    await executor.compile({ outputs: { w: param('w', [1]) } });
    const store = await executor.createStore(values);
    expect(store.names).toEqual(['w']);
    return store;
  }
  expect((await openStore()).names).toEqual([]);
});
