/** Progress of a download. */
import { formatBytes } from './format.js';
import { ProgressBar } from './progress.js';
import type { Terminal } from './terminal.js';

export class DownloadLog {
  readonly #terminal: Terminal;
  readonly #bar: ProgressBar;
  readonly #name: string;
  #started = false;

  constructor(terminal: Terminal, name: string) {
    this.#terminal = terminal;
    this.#bar = new ProgressBar(terminal);
    this.#name = name;
  }

  /** Bytes done and in all; the first call says that there is a download. */
  update(done: number, total: number): void {
    if (!this.#started) this.#terminal.note(`Downloading ${this.#name} (${formatBytes(total)})`);
    this.#started = true;
    this.#bar.update(`${formatBytes(done)} of ${formatBytes(total)}`, done, total);
    if (done >= total) this.#bar.clear();
  }
}
