/** Time by op, measured while a program runs. */

export interface OpTime {
  /** Name in the executor's own language: of the IR, or of ONNX. */
  readonly op: string;
  readonly count: number;
  readonly seconds: number;
}

/** Adds up times by op. */
export class OpTimer {
  readonly #times = new Map<string, OpTime>();

  add(op: string, seconds: number): void {
    const known = this.#times.get(op) ?? { op, count: 0, seconds: 0 };
    this.#times.set(op, { op, count: known.count + 1, seconds: known.seconds + seconds });
  }

  /** Runs an op and adds its time. */
  measure<T>(op: string, run: () => T): T {
    const start = performance.now();
    const result = run();
    this.add(op, (performance.now() - start) / 1000);
    return result;
  }

  /** The longest first. */
  get times(): OpTime[] {
    return [...this.#times.values()].sort((a, b) => b.seconds - a.seconds);
  }
}
