/** Programs and stores of an executor, freed one by one or together with it. */
import { GraphError, type Tensor } from '../graph/node.js';

/** The open resources of one executor. */
export class Resources {
  readonly #open = new Set<Resource>();

  add(resource: Resource): void {
    this.#open.add(resource);
  }

  /** Returns whether it was open. */
  remove(resource: Resource): boolean {
    return this.#open.delete(resource);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#open].map((resource) => resource.dispose()));
  }
}

/**
 * A value of a store, by its name.
 * @throws GraphError if the store has none of that name
 */
function storedValue<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new GraphError(`the store has no value called "${name}"`);
  return value;
}

/** Copies of named values, one after the other. */
export async function readEach<T>(
  names: readonly string[],
  values: ReadonlyMap<string, T>,
  download: (value: T) => Tensor | Promise<Tensor>,
): Promise<Map<string, Tensor>> {
  const read = new Map<string, Tensor>();
  for (const name of names) read.set(name, await download(storedValue(values, name)));
  return read;
}

export abstract class Resource {
  readonly #owner: Resources;

  constructor(owner: Resources) {
    this.#owner = owner;
    owner.add(this);
  }

  /** Frees it at the first call. */
  async dispose(): Promise<void> {
    if (this.#owner.remove(this)) await this.free();
  }

  protected abstract free(): Promise<void>;
}
