/** What an executor hands out, programs and stores, is freed by itself or with the executor. */

/** The open resources of one executor. */
export class Resources {
  readonly #open = new Set<Resource>();

  add(resource: Resource): void {
    this.#open.add(resource);
  }

  /** Whether it was open. */
  remove(resource: Resource): boolean {
    return this.#open.delete(resource);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#open].map((resource) => resource.dispose()));
  }
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
