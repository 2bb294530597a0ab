/**
 * Seed of tests that draw their inputs (`fc.configureGlobal({ seed: propertySeed })`): the same inputs in each run, so that a
 * failure is one of the change at hand. `FROYOLO_SEED=2 npx vitest run …` draws others.
 */
export const propertySeed = Number(process.env.FROYOLO_SEED ?? 1);
