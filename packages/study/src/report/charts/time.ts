/** Times on an axis. */

export interface TimeUnit {
  readonly title: string;
  readonly seconds: number;
}

/** The unit in which the longest time of a chart reads well. */
export function timeUnit(longest: number): TimeUnit {
  if (longest < 180) return { title: 'seconds', seconds: 1 };
  if (longest < 3 * 3600) return { title: 'minutes', seconds: 60 };
  return { title: 'hours', seconds: 3600 };
}
