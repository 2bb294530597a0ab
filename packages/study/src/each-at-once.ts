/**
 * Does the work of each item, beginning in their order, at most `limit` at the same time. After a `stop` or an error nothing
 * more begins; active work ends first.
 * @throws the first error
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<'go on' | 'stop'>,
): Promise<void> {
  const rest = items.entries();
  let isStopped = false;
  const lane = async () => {
    for (const [index, item] of rest) {
      if (isStopped) return;
      const next = await work(item, index).catch((error: unknown) => {
        isStopped = true;
        throw error;
      });
      if (next === 'stop') isStopped = true;
    }
  };
  const lanes = Array.from({ length: Math.min(limit, items.length) }, lane);
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
