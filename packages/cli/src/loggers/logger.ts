/** What watches a training besides the terminal: TensorBoard, or a module of the user's. */
import { reasonOf } from '@froyolo/errors';
import type { TrainFilesEvents, TrainFilesResult } from '@froyolo/run/node';

/** Receives the events of a training. Every function is optional; an error ends the logging, not the training. */
export interface TrainLogger extends Pick<TrainFilesEvents, 'onSetup' | 'onStart' | 'onBatch' | 'onEpoch'> {
  /** After the last file was written, also of a run that was stopped. */
  onEnd?(result: TrainFilesResult): void | Promise<void>;
}

/** The events of a training, each passed on to the loggers too. A logger that fails is left out from then on. */
export class Loggers {
  readonly #active: Map<string, TrainLogger>;
  readonly #events: TrainFilesEvents;

  /** @param loggers by their names, for messages */
  constructor(loggers: ReadonlyMap<string, TrainLogger>, events: TrainFilesEvents) {
    this.#active = new Map(loggers);
    this.#events = events;
  }

  get events(): TrainFilesEvents {
    const own = this.#events;
    return {
      ...own,
      onSetup: async (event) => {
        await own.onSetup?.(event);
        await this.#tell((logger) => logger.onSetup?.(event));
      },
      onStart: (event) => {
        own.onStart?.(event);
        void this.#tell((logger) => logger.onStart?.(event));
      },
      onBatch: (event) => {
        own.onBatch?.(event);
        void this.#tell((logger) => logger.onBatch?.(event));
      },
      onEpoch: async (event) => {
        await own.onEpoch?.(event);
        await this.#tell((logger) => logger.onEpoch?.(event));
      },
    };
  }

  end(result: TrainFilesResult): Promise<void> {
    return this.#tell((logger) => logger.onEnd?.(result));
  }

  async #tell(tell: (logger: TrainLogger) => void | Promise<void>): Promise<void> {
    for (const [name, logger] of [...this.#active]) {
      try {
        await tell(logger);
      } catch (error) {
        this.#active.delete(name);
        this.#events.onWarning?.(`logger ${name}: ${reasonOf(error)}; it gets no more events`);
      }
    }
  }
}
