/** Generations of an evolution that a launcher does: another process, or the workers of a queue. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptResults, termsIn } from '@froyolo/run';
import { StudyError } from '../errors.js';
import type { ArmLauncher } from '../launcher.js';
import { readText } from '../own-files.js';
import type { GenerationResult } from './evolve-csv.js';
import type { GenerationLauncher } from './train-generation.js';

/**
 * Lets a launcher do the generations, one after the other, since each follows from those before it. What is left of one is
 * its row of `evolve.csv`. Only batches and epochs are reported.
 */
export function launchedGenerations(launch: ArmLauncher): GenerationLauncher {
  return async ({ folder, generation, options, hyp }, signal, events) => {
    const name = `generation${generation}`;
    const settings = { ...options, hyp, noval: true };
    const status = await launch({ folder, name, settings }, signal, {
      onStart: (event) => events.onStart?.(event),
      onBatch: (event) => events.onBatch?.(event),
    });
    if (status === 'stopped') return undefined;
    const own = join(folder, name);
    const file = join(own, 'results.csv');
    const result = lastResult(await readText(file));
    if (!result) throw new StudyError(`${file}: a generation ended without a validation`);
    await rm(own, { recursive: true, force: true });
    return result;
  };
}

/** Figures of the last row of `results.csv`. */
function lastResult(csv: string): GenerationResult | undefined {
  const { columns, rows } = keptResults(csv);
  const cells = rows.at(-1)?.row.split(',').map(Number);
  if (!cells) return undefined;
  const value = (name: string) => cells[columns.indexOf(name)] ?? 0;
  return {
    precision: value('metrics/precision'),
    recall: value('metrics/recall'),
    mAP50: value('metrics/mAP_0.5'),
    mAP50_95: value('metrics/mAP_0.5:0.95'),
    losses: Object.fromEntries(termsIn(columns).map((term) => [term, value(`val/${term}_loss`)])),
  };
}
