/** What a study prints: a heading for each run, then what training prints. */
import type { ArmEvent, ArmEvents } from '@froyolo/study';
import { count } from './format.js';
import type { Terminal } from './terminal.js';
import { TrainLog } from './train-log.js';
import { printWarnings } from './warnings.js';

export class CompareLog {
  readonly #terminal: Terminal;
  /** All runs share the dataset, so its warnings are printed once. */
  #isDescribed = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  onArm({ freeze, seed, index, count: runs, isFinished }: ArmEvent): ArmEvents {
    const terminal = this.#terminal;
    terminal.live('');
    terminal.print(
      `\nRun ${index + 1} of ${runs}: freeze ${freeze}, seed ${seed}${isFinished ? ': done' : ''}`,
    );
    const log = new TrainLog(terminal);
    return {
      onSetup: ({ images, warnings, device, freeze: frozen }) => {
        if (!this.#isDescribed) {
          printWarnings(terminal, warnings);
          terminal.note(`${count(images.train, 'image')} to train on, ${images.val} to validate`);
          terminal.note(`Computing on ${device}`);
        }
        this.#isDescribed = true;
        for (const line of frozen.slice(-1)) terminal.note(line);
        terminal.live('Compiling the training step');
      },
      onStart: (event) => log.onStart(event),
      onStage: (epoch, text) => log.onStage(epoch, text),
      onBatch: (event) => log.onBatch(event),
      onEpoch: (event) => log.printEpoch(event),
    };
  }

  finish(): void {
    this.#terminal.live('');
  }
}
