/** Compiled programs by image shape: the few used last are kept. */
import type { Executor, Graph, Program } from '@froyolo/core';

export class ProgramCache {
  readonly #executor: Executor;
  readonly #capacity: number;
  /** In the order of their last use. */
  readonly #programs = new Map<string, Promise<Program>>();

  constructor(executor: Executor, capacity = 8) {
    this.#executor = executor;
    this.#capacity = capacity;
  }

  /** The program of that key; built and compiled where it isn't there, at the cost of the one not used for longest. */
  async get(key: string, build: () => Graph): Promise<Program> {
    const program = this.#programs.get(key) ?? this.#executor.compile(build());
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > this.#capacity) await this.#drop(this.#programs.keys().next().value!);
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
