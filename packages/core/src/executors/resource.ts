/** Programs and stores of an executor, freed one by one or together with it. */
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

/** Memory of an executor that is freed once. */
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
