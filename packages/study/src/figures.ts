/** What the figures of runs say, for places without Node: a page that has trained several. */
export { recommend } from './recommendation.js';
export type { ArmResult, EpochResult } from './result-types.js';
export { summarize } from './summary.js';
