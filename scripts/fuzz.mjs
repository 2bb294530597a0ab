/** Runs the suite of damaged inputs: `pnpm fuzz [count of each kind] [seed]`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [count = '1000', seed = '1'] = process.argv.slice(2);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const env = { ...process.env, FUZZ_COUNT: count, FUZZ_SEED: seed };
const { status } = spawnSync(process.execPath, [vitest, 'run', 'tests/fuzz'], { env, stdio: 'inherit' });
process.exit(status ?? 1);
