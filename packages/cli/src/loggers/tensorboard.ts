/** Writes the columns of results.csv as scalars by epoch, for TensorBoard. */
import { appendFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { safeFileName } from '@froyolo/data';
import type { EpochEvent } from '@froyolo/yolo';
import { scalarsRecord, versionRecord } from './event-file.js';
import type { TrainLogger } from './logger.js';

export class TensorBoardLogger implements TrainLogger {
  #file = '';

  /** A file of its own for each start of a run: TensorBoard shows those of a folder as one. */
  readonly onSetup: NonNullable<TrainLogger['onSetup']> = async ({ folder }) => {
    const now = Date.now() / 1000;
    const name = `events.out.tfevents.${Math.floor(now)}.${safeFileName(hostname())}.${process.pid}.0`;
    this.#file = join(folder, name);
    await appendFile(this.#file, versionRecord(now));
  };

  readonly onEpoch: NonNullable<TrainLogger['onEpoch']> = async (event) => {
    await appendFile(this.#file, scalarsRecord(Date.now() / 1000, event.epoch, scalarsOf(event)));
  };
}

/** Names as in results.csv; figures of a validation only where there was one. */
function scalarsOf({ losses, validation, lr }: EpochEvent): Record<string, number> {
  const named = (part: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([term, value]) => [`${part}/${term}_loss`, value] as const);
  const metrics = validation
    ? ([
        ['metrics/precision', validation.precision],
        ['metrics/recall', validation.recall],
        ['metrics/mAP_0.5', validation.mAP50],
        ['metrics/mAP_0.5:0.95', validation.mAP50_95],
      ] as const)
    : [];
  return Object.fromEntries([
    ...named('train', losses),
    ...metrics,
    ...named('val', validation?.losses ?? {}),
    ...([
      ['x/lr0', lr.bias],
      ['x/lr1', lr.weight],
      ['x/lr2', lr.bn],
    ] as const),
  ]);
}
