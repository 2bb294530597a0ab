/** Which devices run a detector. */
import type { Executor } from '@froyolo/core';
import type { Detector } from './detector.js';

/** Whether a device runs a detector: what is computed as a graph runs on all of them. */
export function runsOn(
  { network, members = [] }: Pick<Detector, 'network' | 'members'>,
  executor: Executor,
): boolean {
  return (network?.runsOn(executor) ?? true) && members.every((member) => runsOn(member, executor));
}
