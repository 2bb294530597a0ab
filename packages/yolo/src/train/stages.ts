/** What a training trains when, and how fast: gradual unfreezing and learning rates by layer. */
import type { Hyperparameters } from '@froyolo/data';
import {
  type FreezePolicy,
  type FreezeStage,
  type LrScale,
  parseLrScales,
  parseUnfreeze,
  resolveLrScales,
  resolveStages,
  type UnfreezeStep,
} from '@froyolo/freeze';
import type { Detector } from '../detector/detector.js';
import type { TrainingStepOptions } from '../step/step-graph.js';

export interface TrainingStages {
  /** The first begins at epoch 0; each frees more than the one before. */
  readonly stages: readonly [FreezeStage, ...FreezeStage[]];
  /** Factors of the learning rate by parameter, if they aren't 1. */
  readonly lrScales: ReadonlyMap<string, number>;
  /** Lines about settings without effect. */
  readonly warnings: readonly string[];
}

/**
 * The stages that the hyperparameters `unfreeze` and `lr_scale` ask for.
 * @param freeze what is frozen at first
 * @throws FreezeError naming the term that has no meaning
 */
export function trainingStages(
  detector: Pick<Detector, 'model'>,
  freeze: FreezePolicy,
  { unfreeze = '', lr_scale = '' }: Pick<Hyperparameters, 'unfreeze' | 'lr_scale'>,
): TrainingStages {
  return resolveTrainingStages(detector, freeze, parseUnfreeze([unfreeze]), parseLrScales([lr_scale]));
}

/** The same from terms that are parsed already. */
export function resolveTrainingStages(
  { model }: Pick<Detector, 'model'>,
  freeze: FreezePolicy,
  steps: readonly UnfreezeStep[],
  lrScales: readonly LrScale[],
): TrainingStages {
  const { parameters, sections } = model;
  const stages = resolveStages(freeze, steps, parameters, sections);
  const { trainable } = (stages.at(-1) ?? stages[0]).policy;
  const scales = resolveLrScales(lrScales, parameters, trainable, sections);
  return { stages, lrScales: scales.factors, warnings: scales.warnings };
}

/** What a training step depends on in a stage, by its index. */
export function stepOptionsOf(
  { stages, lrScales }: TrainingStages,
  index: number,
): Required<Pick<TrainingStepOptions, 'freeze' | 'lrScales' | 'cohorts'>> {
  const freeze = stages[index].policy;
  const cohorts = freeze.trainable.map(
    (name) => [name, stages.findIndex(({ policy }) => !policy.frozen.has(name))] as const,
  );
  return { freeze, lrScales, cohorts: new Map(cohorts.filter(([, cohort]) => cohort > 0)) };
}
