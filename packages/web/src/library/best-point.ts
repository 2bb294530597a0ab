import type { Run } from './types.js';

/** The figures of a run's best epoch, or of the detector that it started from where no epoch is better. */
export const bestPoint = ({ points, bestEpoch, before }: Run) =>
  points.find(({ epoch }) => epoch === bestEpoch) ?? before;
