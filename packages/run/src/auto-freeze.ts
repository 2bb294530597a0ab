/** `freeze: ['auto']`: settings with the freeze that the plan picks. */
import type { Hyperparameters } from '@froyolo/data';
import { type Detector, TrainingError } from '@froyolo/yolo';
import { pickFreeze } from './plan/pick-freeze.js';
import type { TrainSettings } from './settings/index.js';
import { largestImgsz } from './start-detector.js';

export interface FreezeSettings {
  readonly settings: TrainSettings;
  /** Which freeze was picked and why; absent if none had to be. */
  readonly freezeReason?: string;
}

/**
 * The same settings, with a number in the place of `auto`.
 * @throws TrainingError if `auto` has no `memory` to fit into, nothing fits, or layers are to be unfrozen later
 */
export function withFreezePicked(
  detector: Detector,
  settings: TrainSettings,
  hyp: Hyperparameters,
): FreezeSettings {
  const { freeze, memory, batchSize } = settings;
  if (freeze.length !== 1 || freeze[0] !== 'auto') return { settings };
  const unfreeze = settings.unfreeze?.join(',') ?? hyp.unfreeze;
  if (unfreeze)
    throw new TrainingError(
      `freeze "auto" picks the shallowest freeze that fits, so that unfreezing (${unfreeze}) wouldn't: give a freeze`,
    );
  if (memory === undefined)
    throw new TrainingError('freeze "auto" picks by memory: say how much there is, such as 1GB');
  if (batchSize < 1)
    throw new TrainingError(
      'freeze "auto" and an automatic batch size depend on each other: give one of them',
    );
  const { depth, reason } = pickFreeze(detector, {
    hyp,
    batchSize,
    memory,
    imgsz: largestImgsz(detector, settings),
    optimizer: settings.optimizer,
    freezeBn: settings.freezeBn,
    cacheFeatures: settings.cache === 'features',
  });
  return { settings: { ...settings, freeze: [String(depth)] }, freezeReason: reason };
}
