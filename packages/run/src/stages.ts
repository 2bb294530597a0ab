/** What a run trains when: freeze, gradual unfreezing and learning rates by layer. */
import type { Hyperparameters } from '@froyolo/data';
import { FreezeError, parseFreeze, parseLrScales, parseUnfreeze, resolveFreeze } from '@froyolo/freeze';
import { type Detector, resolveTrainingStages, type TrainingStages } from '@froyolo/yolo';
import type { TrainSettings } from './settings/index.js';

export type StageSettings = Pick<TrainSettings, 'freeze' | 'freezeBn' | 'unfreeze' | 'lrScale' | 'epochs'>;

/**
 * Resolves the settings on a model. `unfreeze` and `lrScale` count more than the hyperparameters of those names.
 * @throws FreezeError where a term has no meaning for the model, or a stage would never begin
 */
export function stagesOf(
  { model }: Pick<Detector, 'model'>,
  { freeze, freezeBn, unfreeze, lrScale, epochs }: StageSettings,
  hyp: Pick<Hyperparameters, 'unfreeze' | 'lr_scale'>,
): TrainingStages {
  const steps = parseUnfreeze(unfreeze ?? [hyp.unfreeze ?? '']);
  const late = steps.find(({ epoch }) => epoch >= epochs);
  if (late)
    throw new FreezeError(
      late.text,
      `never begins: there are ${epochs} epochs, counted from 0 to ${epochs - 1}`,
      'unfreeze',
    );
  const { parameters, sections } = model;
  const policy = resolveFreeze(parseFreeze(freeze), parameters, { freezeBn, sections });
  return resolveTrainingStages({ model }, policy, steps, parseLrScales(lrScale ?? [hyp.lr_scale ?? '']));
}
