/** Tests of kinds of input; `pnpm fuzz` sets how many inputs, from which seed, and where figures go. */
import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FuzzKind } from './kind.js';
import { runKind } from './run-kind.js';

const { FUZZ_COUNT = '15', FUZZ_SEED = '1', FUZZ_REPORT } = process.env;

/** Damages inputs of each kind: no error of the language or the system, none without the file, none slow or large. */
export function fuzzKinds(kinds: readonly FuzzKind[]): void {
  const [count, seed] = [Number(FUZZ_COUNT), Number(FUZZ_SEED)];
  test.each(kinds)(
    `$name: ${count} damaged inputs, seed ${seed}`,
    { timeout: 60_000 + count * 2000 },
    async (kind) => {
      const report = await runKind(kind, count, seed);
      if (FUZZ_REPORT) appendFileSync(FUZZ_REPORT, `${JSON.stringify(report)}\n`);
      expect(report.failures).toEqual([]);
    },
  );
}
