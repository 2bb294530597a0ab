/**
 * Maps with at most `limit` calls at a time, results in order. After an error, no further call starts, and the running ones
 * end first, so that what they write to can be removed.
 * @throws the first error
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let isFailed = false;
  const run = async () => {
    while (!isFailed) {
      const index = next++;
      const item = items[index];
      if (index >= items.length || item === undefined) return;
      results[index] = await map(item, index).catch((error: unknown) => {
        isFailed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, run));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
