/** `--freeze auto`: settings with the freeze that the plan picks. */
import { type Hyperparameters, multiScaleSizes } from '@froyolo/data';
import { type Detector, pickFreeze, roundedImgsz, TrainingError } from '@froyolo/yolo';
import type { TrainSettings } from '../settings/index.js';

export interface FreezeSettings {
  readonly settings: TrainSettings;
  /** Which freeze was picked and why; absent where none had to be. */
  readonly freezeReason?: string;
}

/**
 * The same settings, with a number in the place of `auto`.
 * @throws TrainingError where `auto` has no `memory` to fit into, nothing fits, or layers are to be unfrozen later
 */
export function withFreezePicked(
  detector: Detector,
  settings: TrainSettings,
  hyp: Hyperparameters,
): FreezeSettings {
  const { freeze, memory, imgsz, batchSize, multiScale, optimizer, freezeBn, cache } = settings;
  if (freeze.length !== 1 || freeze[0] !== 'auto') return { settings };
  if (hyp.unfreeze)
    throw new TrainingError(
      `freeze "auto" picks the shallowest freeze that fits, so that unfreezing (${hyp.unfreeze}) wouldn't: give a freeze`,
    );
  if (memory === undefined)
    throw new TrainingError('freeze "auto" picks by memory: say how much there is, such as 1GB');
  if (batchSize < 1)
    throw new TrainingError(
      'freeze "auto" and an automatic batch size depend on each other: give one of them',
    );
  const side = roundedImgsz(detector, imgsz);
  const sizes = multiScale ? multiScaleSizes(side, Math.max(...detector.model.strides)) : [side];
  const { depth, reason } = pickFreeze(detector, {
    ...{ hyp, batchSize, memory, optimizer, freezeBn },
    imgsz: Math.max(...sizes),
    cacheFeatures: cache === 'features',
  });
  return { settings: { ...settings, freeze: [String(depth)] }, freezeReason: reason };
}
