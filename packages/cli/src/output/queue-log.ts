/** What a study prints while workers do its runs: lines of all of them, as they come. */
import type { CompareOptions } from '@froyolo/run/settings';
import type { ArmEpoch, ArmEvent, ArmEvents } from '@froyolo/study';
import { quoted } from '../paths.js';
import { count, formatSeconds } from './format.js';
import type { Terminal } from './terminal.js';
import { printWarnings } from './warnings.js';

export class QueueLog {
  readonly #terminal: Terminal;
  /** All runs share the dataset, so its warnings are printed once. */
  #isDescribed = false;
  #count = 0;
  #done = 0;
  /** Images per second of the runs under way, by their names. */
  readonly #speeds = new Map<string, number>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  onArm({ freeze, seed, count: runs, isFinished }: ArmEvent): ArmEvents {
    const name = `freeze ${freeze}, seed ${seed}`;
    this.#count = runs;
    if (isFinished) {
      this.#done++;
      this.#terminal.print(`${name}: done`);
    }
    return {
      onPlace: (worker) => {
        this.#speeds.set(name, 0);
        this.#terminal.note(`${name}: on ${worker}`);
      },
      onSetup: ({ images, warnings }) => {
        if (this.#isDescribed) return;
        this.#isDescribed = true;
        printWarnings(this.#terminal, warnings);
        this.#terminal.note(`${count(images.train, 'image')} to train on, ${images.val} to validate`);
      },
      onStage: (epoch, text) => this.#terminal.print(`${name}: epoch ${epoch + 1}: ${text}`),
      onBatch: ({ imagesPerSecond }) => {
        this.#speeds.set(name, imagesPerSecond);
        this.#draw();
      },
      onEpoch: (event) => this.#epoch(name, event),
    };
  }

  finish(): void {
    this.#terminal.live('');
  }

  #epoch(name: string, event: ArmEpoch): void {
    this.#terminal.print(`${name}: ${epochText(event)}`);
    if (event.epoch + 1 < event.epochs) return;
    this.#done++;
    this.#speeds.delete(name);
    this.#draw();
  }

  #draw(): void {
    const speed = [...this.#speeds.values()].reduce((a, b) => a + b, 0);
    const running = this.#speeds.size;
    this.#terminal.live(
      `${this.#done} of ${count(this.#count, 'run')} done, ${running} under way, ${speed.toFixed(1)} images/s`,
    );
  }
}

function epochText({ epoch, epochs, validation, best, seconds }: ArmEpoch): string {
  const figures = validation
    ? `mAP50 ${validation.mAP50.toFixed(3)}, mAP50-95 ${validation.mAP50_95.toFixed(3)}`
    : 'not validated';
  const time = formatSeconds(seconds.training + seconds.validation);
  return `${epoch + 1}/${epochs}  ${figures}  ${time}${best && validation ? '  best' : ''}`;
}

/** The flags that name a queue and its store again. The address may hold a password, and isn't repeated. */
export function queueFlags({ queue, store }: Pick<CompareOptions, 'queue' | 'store'>): string[] {
  if (queue === undefined) return [];
  return [
    `--queue${queue === true ? '' : ' ADDRESS'}`,
    ...(store === undefined ? [] : [`--store ${quoted(store)}`]),
  ];
}
