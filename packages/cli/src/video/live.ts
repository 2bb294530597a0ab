/** Endless sources: only their newest frames count, and a lost connection is opened again. */

/** The newest item of a source. */
export interface Latest<T> {
  /** Index of the source. */
  readonly source: number;
  readonly item: T;
}

/**
 * Reads all sources at once and gives their items in turn. While the consumer is busy, a newer item replaces the one
 * that waits: at most one of each source is kept.
 * @param signal aborting it ends the reading, also while no item comes
 * @throws a source's error, after the items before it are given
 */
export async function* latestOf<T>(
  sources: readonly AsyncIterable<T>[],
  signal?: AbortSignal,
): AsyncGenerator<Latest<T>> {
  const waiting = new Map<number, T>();
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const failures: unknown[] = [];
  let wake = () => {};
  let reading = sources.length;
  const read = async (iterator: AsyncIterator<T>, source: number) => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      // A source that was given last comes last.
      waiting.set(source, next.value);
      wake();
    }
  };
  iterators.forEach((iterator, source) => {
    read(iterator, source)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => {
        reading--;
        wake();
      });
  });
  signal?.addEventListener('abort', () => wake());
  try {
    while (!signal?.aborted && (reading > 0 || waiting.size > 0)) {
      const [first] = waiting;
      if (!first) {
        if (failures.length > 0) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (waiting.size > 0 || reading === 0 || failures.length > 0 || signal?.aborted) resolve();
        });
        continue;
      }
      const [source, item] = first;
      waiting.delete(source);
      yield { source, item };
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    // A source that waits for its next item ends with it: nobody waits for that here.
    for (const iterator of iterators) iterator.return?.()?.catch(() => undefined);
  }
}

export interface ReconnectOptions {
  /** Tries in a row without an item. */
  readonly tries: number;
  /** Milliseconds before the first of them; the next wait twice as long. */
  readonly wait: number;
  onLost?(error: unknown): void;
  readonly signal?: AbortSignal;
}

/** Items of a source that is reopened when it fails. @throws the error of the last try */
export async function* reconnecting<T>(
  open: () => AsyncIterable<T>,
  { tries, wait, onLost, signal }: ReconnectOptions,
): AsyncGenerator<T> {
  for (let failed = 0; ; failed++) {
    try {
      for await (const item of open()) {
        failed = 0;
        yield item;
      }
      return;
    } catch (error) {
      if (failed >= tries || signal?.aborted) throw error;
      onLost?.(error);
      await pause(wait * 2 ** failed, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
