/** Compiled programs by image shape: the few used last are kept. */
import type { Program } from '@froyolo/core';

/** Keeps compiled programs by key, at most `capacity` of them. */
export class ProgramCache {
  readonly #capacity: number;
  /** In the order of their last use. */
  readonly #programs = new Map<string, Promise<Program>>();

  constructor(capacity = 8) {
    this.#capacity = capacity;
  }

  /** The program of that key, compiled if missing. Evicts the least recently used program. */
  async get(key: string, compile: () => Promise<Program>): Promise<Program> {
    const program = this.#programs.get(key) ?? compile();
    this.#programs.delete(key);
    this.#programs.set(key, program);
    const [oldest] = this.#programs.keys();
    if (oldest !== undefined && this.#programs.size > this.#capacity) await this.#drop(oldest);
    return program;
  }

  async dispose(): Promise<void> {
    for (const key of [...this.#programs.keys()]) await this.#drop(key);
  }

  async #drop(key: string): Promise<void> {
    const program = this.#programs.get(key);
    this.#programs.delete(key);
    await (await program)?.dispose();
  }
}
