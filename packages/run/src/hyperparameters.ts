import type { Hyperparameters } from '@froyolo/data';
import type { Host } from './host.js';
import type { TrainSettings } from './settings/index.js';

/** The hyperparameters that the settings name, with the one that a setting of its own replaces. */
export async function hyperparametersOf(
  host: Pick<Host, 'readHyp'>,
  { hyp, labelSmoothing }: Pick<TrainSettings, 'hyp' | 'labelSmoothing'>,
): Promise<Hyperparameters> {
  const values = typeof hyp === 'string' ? await host.readHyp(hyp) : hyp;
  return labelSmoothing === undefined ? values : { ...values, label_smoothing: labelSmoothing };
}
