/** What the figures of runs say, for places without Node: a page that has trained several. */
export { type Chance, type Conclusion, conclude, type Means, type Verdict } from './conclusions.js';
export { recommend, sentenceOf } from './recommendation.js';
export type { ArmResult, EpochResult } from './result-types.js';
export { summarize } from './summary.js';
