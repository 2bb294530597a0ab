import { expect, test } from 'vitest';
import { ownValues } from './own-values.js';

test('without a database, values are forgotten', async () => {
  await ownValues.write('device', 'wgsl');
  expect(await ownValues.read('device')).toBeUndefined();
});
