/** A detector to look at, not to run: its values don't matter, the number of classes does. */
import { loadDatasetConfig } from '@froyolo/data/node';
import { loadArchitecture } from '@froyolo/run/node';
import { type PlanSettings, SettingsError } from '@froyolo/run/settings';
import { createDetector, type Detector } from '@froyolo/yolo';
import type { CommonEvents } from './events.js';
import { readDetector } from './opened-detector.js';

type Settings = Pick<PlanSettings, 'weights' | 'cfg' | 'data' | 'nc'>;

/** Makes the detector of an architecture, or of the weights, with the classes that are asked for. */
export async function plannedDetector(settings: Settings, events: CommonEvents): Promise<Detector> {
  const names = await classNames(settings);
  if (settings.cfg !== undefined) {
    const { text, fileName } = await loadArchitecture(settings.cfg);
    if (!names) throw new SettingsError('cfg', 'it needs the number of classes: give nc or data');
    return createDetector(text, { fileName, names, seed: 0 });
  }
  const detector = await readDetector(settings.weights, events);
  if (detector.network)
    throw new SettingsError(
      'weights',
      `${settings.weights} has no layer information: use the .pt or .safetensors file`,
    );
  return names ? createDetector(detector.model.spec.source, { names, seed: 0 }) : detector;
}

async function classNames({ data, nc }: Settings): Promise<readonly string[] | undefined> {
  if (data !== undefined && nc !== undefined)
    throw new SettingsError('nc', 'data says the number of classes too: give one of them');
  if (data !== undefined) return (await loadDatasetConfig(data)).names;
  return nc === undefined ? undefined : Array.from({ length: nc }, (_, i) => `class${i}`);
}
