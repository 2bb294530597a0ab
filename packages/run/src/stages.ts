/** What a run trains when: freeze, gradual unfreezing and learning rates by layer. */
import type { Hyperparameters } from '@froyolo/data';
import {
  FreezeError,
  type FreezePolicy,
  parseFreeze,
  parseLrScales,
  parseUnfreeze,
  resolveFreeze,
} from '@froyolo/freeze';
import { type Detector, resolveTrainingStages, type TrainingStages } from '@froyolo/yolo';
import type { TrainSettings } from './settings/index.js';

export type StageSettings = Pick<TrainSettings, 'freeze' | 'freezeBn' | 'unfreeze' | 'lrScale' | 'epochs'>;

/**
 * Resolves the settings on a model. `unfreeze` and `lrScale` count more than the hyperparameters of those names.
 * @throws FreezeError if a term has no meaning for the model, or a stage would never begin
 */
export function stagesOf(
  { model }: Pick<Detector, 'model'>,
  settings: StageSettings,
  hyp: Pick<Hyperparameters, 'unfreeze' | 'lr_scale'>,
): TrainingStages {
  const { unfreeze, lrScale, epochs } = settings;
  const steps = parseUnfreeze(unfreeze ?? [hyp.unfreeze ?? '']);
  const late = steps.find(({ epoch }) => epoch >= epochs);
  if (late)
    throw new FreezeError(
      late.text,
      `never begins: there are ${epochs} epochs, counted from 0 to ${epochs - 1}`,
      'unfreeze',
    );
  const policy = freezeOf({ model }, settings);
  return resolveTrainingStages({ model }, policy, steps, parseLrScales(lrScale ?? [hyp.lr_scale ?? '']));
}

/** What is frozen at first. */
export function freezeOf(
  { model: { parameters, sections } }: Pick<Detector, 'model'>,
  { freeze, freezeBn }: Pick<StageSettings, 'freeze' | 'freezeBn'>,
): FreezePolicy {
  return resolveFreeze(parseFreeze(freeze), parameters, { freezeBn, sections });
}
