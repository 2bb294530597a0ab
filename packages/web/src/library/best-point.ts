import type { Run } from './types.js';

/** The figures of a run's best epoch. */
export const bestPoint = ({ points, bestEpoch }: Run) => points.find(({ epoch }) => epoch === bestEpoch);
