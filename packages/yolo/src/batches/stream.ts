/** Batches on their way into the loop. */

/** All but the first `count`, which an interrupted epoch has already done. */
export async function* skip<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let done = 0;
  for await (const item of source) if (done++ >= count) yield item;
}

/** Asks for the next item as soon as it hands one over, so that the next is made while this one is in use. */
export async function* askedAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = iterator.next();
      // It is awaited later: until then a failure is not an unhandled one.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Measures a loop, and how long it waits for what it loops over. */
export class Clock {
  readonly #started = performance.now();
  #waiting = 0;

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Seconds spent waiting. */
  get waiting(): number {
    return this.#waiting / 1000;
  }

  /** The items of a source, asked for ahead. */
  async *waitingFor<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    const items = askedAhead(source);
    try {
      for (;;) {
        const asked = performance.now();
        const result = await items.next();
        this.#waiting += performance.now() - asked;
        if (result.done) return;
        yield result.value;
      }
    } finally {
      await items.return(undefined);
    }
  }
}
