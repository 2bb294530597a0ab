/** A progress bar on the live line. */
import type { Terminal } from './terminal.js';

const BAR_WIDTH = 20;
/** Redrawing more often costs time and shows nothing more. */
const MIN_INTERVAL_MS = 50;

export class ProgressBar {
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** `text` goes before the bar; the last step is always drawn. */
  update(text: string, done: number, total: number): void {
    const now = performance.now();
    if (done < total && now - this.#drawn < MIN_INTERVAL_MS) return;
    this.#drawn = now;
    const percent = Math.floor((100 * done) / Math.max(total, 1));
    this.#terminal.live(`${text} ${bar(done, total)} ${percent}%`);
  }

  clear(): void {
    this.#terminal.live('');
  }
}

/** A bar of fixed width; full at `done >= total`. */
export function bar(done: number, total: number): string {
  const filled = total > 0 ? Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH)) : BAR_WIDTH;
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}
