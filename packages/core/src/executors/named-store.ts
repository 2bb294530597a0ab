/** A store that keeps each value by its name; an executor says how values reach its device, come back, and are freed. */
import { GraphError, type Tensor } from '../graph/node.js';
import type { Store } from './executor.js';
import { Resource } from './resource.js';

export abstract class NamedStore<T> extends Resource implements Store {
  readonly #values = new Map<string, T>();

  get names(): string[] {
    return [...this.#values.keys()];
  }

  get entries(): ReadonlyMap<string, T> {
    return this.#values;
  }

  get(name: string): T | undefined {
    return this.#values.get(name);
  }

  /** Replaces a value and frees the old one. */
  set(name: string, value: T): void {
    const old = this.#values.get(name);
    this.#values.set(name, value);
    if (old !== undefined) this.release(old);
  }

  /** @throws GraphError if the store has none of that name */
  async read(names: readonly string[] = this.names): Promise<Map<string, Tensor>> {
    const read = new Map<string, Tensor>();
    for (const name of names) {
      const value = this.#values.get(name);
      if (value === undefined) throw new GraphError(`the store has no value called "${name}"`);
      read.set(name, await this.download(value));
    }
    return read;
  }

  async write(values: ReadonlyMap<string, Tensor>): Promise<void> {
    this.replace(values);
  }

  /** Uploads values without waiting. */
  protected replace(values: ReadonlyMap<string, Tensor>): void {
    for (const [name, value] of values) this.set(name, this.upload(value));
  }

  protected async free(): Promise<void> {
    for (const value of this.#values.values()) this.release(value);
    this.#values.clear();
  }

  /** The value on the device; the tensor stays the caller's. */
  protected abstract upload(value: Tensor): T;

  /** A copy of the value. */
  protected abstract download(value: T): Tensor | Promise<Tensor>;

  protected abstract release(value: T): void;
}

/**
 * The store as one of an executor's own kind.
 * @throws GraphError if another kind of executor made it
 */
export function ownStore<S extends Store>(
  store: Store | undefined,
  kind: abstract new (...args: never[]) => S,
): S | undefined {
  if (store === undefined || store instanceof kind) return store;
  throw new GraphError('the store belongs to another kind of executor');
}
