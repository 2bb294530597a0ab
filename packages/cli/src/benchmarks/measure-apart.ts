/** Measures in a process of its own: two GPUs at the same time, of which each process sees one. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CommandError } from '../errors.js';
import type { Figures, Measure, MeasureOrder } from './measure.js';

export const measureApart: Measure = async (order, { signal }) => {
  const command = ['benchmarks', '--probe', JSON.stringify(order), '--data', order.data];
  const args = [process.argv[1] ?? '', ...command];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, signal ? { signal } : {});
    return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { figures?: Figures }).figures;
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr = '', message } = error as Error & { stderr?: string };
    // The program names its error in its last lines.
    const said = /^error: ([\s\S]*)$/m.exec(stderr.trim())?.[1] ?? message;
    throw new CommandError(said, { cause: error });
  }
};

/** What such a process was started with. */
export const orderIn = (text: string): MeasureOrder => JSON.parse(text) as MeasureOrder;
