/** `--freeze auto`: settings with the freeze that the plan picks. */
import { type Hyperparameters, multiScaleSizes } from '@froyolo/data';
import { type Detector, pickFreeze, TrainingError } from '@froyolo/yolo';
import { roundedImgsz } from './setup.js';
import type { TrainFilesOptions } from './train-files.js';

export interface FreezeSettings {
  readonly options: TrainFilesOptions;
  /** Which freeze was picked and why; absent where none had to be. */
  readonly freezeReason?: string;
}

/**
 * The same settings, with a number in the place of `auto`.
 * @throws TrainingError where `auto` has no `memory` to fit into, nothing fits, or layers are to be unfrozen later
 */
export function withFreezePicked(
  detector: Detector,
  options: TrainFilesOptions,
  hyp: Hyperparameters,
): FreezeSettings {
  const { freeze, memory, imgsz = 640, batchSize = 16, multiScale = false } = options;
  if (freeze?.length !== 1 || freeze[0] !== 'auto') return { options };
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
  const cache: string | undefined = options.cache;
  const side = roundedImgsz(detector, imgsz);
  const sizes = multiScale ? multiScaleSizes(side, Math.max(...detector.model.strides)) : [side];
  const { depth, reason } = pickFreeze(detector, {
    ...{ hyp, batchSize, memory },
    imgsz: Math.max(...sizes),
    optimizer: options.optimizer ?? 'SGD',
    freezeBn: options.freezeBn ?? 'eval',
    cacheFeatures: cache === 'features',
  });
  return { options: { ...options, freeze: [depth] }, freezeReason: reason };
}
