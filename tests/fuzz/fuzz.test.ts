/**
 * Damaged inputs: no error of the language or the system, none without the file's name, none slow or large.
 * `pnpm fuzz` runs many (FUZZ_COUNT of each kind, FUZZ_SEED); here a few.
 */
import { expect, test } from 'vitest';
import { KINDS } from './kinds.js';
import { runKind } from './run-kind.js';

const COUNT = Number(process.env.FUZZ_COUNT ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

test.each(KINDS)(
  `$name: ${COUNT} damaged inputs, seed ${SEED}`,
  { timeout: 60_000 + COUNT * 2000 },
  async (kind) => {
    expect(await runKind(kind, COUNT, SEED)).toEqual([]);
  },
);
