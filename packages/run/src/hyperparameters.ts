import { type Hyperparameters, parseHyp } from '@froyolo/data';
import type { Host } from './host.js';
import type { TrainSettings } from './settings/index.js';

/**
 * The hyperparameters that the settings name or hold, with the one that a setting of its own replaces. Of values, those that
 * aren't given are as in scratch-low, as in a file.
 * @throws ConfigError for an unknown hyperparameter or a value that it can't have
 */
export async function hyperparametersOf(
  host: Pick<Host, 'readHyp'>,
  { hyp, labelSmoothing }: Pick<TrainSettings, 'hyp' | 'labelSmoothing'>,
): Promise<Hyperparameters> {
  const values = typeof hyp === 'string' ? await host.readHyp(hyp) : parseHyp(JSON.stringify(hyp), 'hyp');
  return labelSmoothing === undefined ? values : { ...values, label_smoothing: labelSmoothing };
}
