/** The state of a training as a checkpoint. */
import { isWhitening, type Tensor } from '@froyolo/core';
import { type Checkpoint, float32Tensor, type TensorData, toFloat32 } from '@froyolo/weights';
import {
  type Detector,
  detectorFromCheckpoint,
  floatCheckpointOf,
  freshProgress,
  noLosses,
  TrainingError,
  type TrainingProgress,
  type TrainingState,
} from '@froyolo/yolo';
import { checkProgress } from './saved-progress.js';

/** Groups of a checkpoint that hold a training state; values of the store with a prefix are in the group of that name. */
const RAW = 'raw';
const AVERAGE = 'ema';

/** A detector (the averages) with all that its training needs to go on, in float32. */
export function trainingCheckpoint(detector: Detector, { progress, tensors }: TrainingState): Checkpoint {
  const groups: Record<string, Map<string, TensorData>> = {};
  for (const [name, value] of tensors) {
    const [group, member] = splitName(name);
    // The averages are the detector's own tensors.
    if (group === AVERAGE) continue;
    groups[group] ??= new Map();
    groups[group].set(member, float32Tensor(value.shape, value.data as Float32Array));
  }
  const { epoch, bestFitness, losses, stageUpdates = [], classMaps, ...rest } = progress;
  const maps: Record<string, number[]> = classMaps ? { classMaps: [...classMaps] } : {};
  return {
    ...floatCheckpointOf(detector),
    epoch: epoch - 1,
    bestFitness,
    groups,
    meta: {
      progress: {
        ...rest,
        epoch,
        bestFitness,
        ...maps,
        losses: { ...losses },
        stageUpdates: [...stageUpdates],
      },
    },
  };
}

/**
 * The detector and the state that `trainingCheckpoint`, or YOLOv5, put into a checkpoint.
 * @throws TrainingError if the run is finished
 */
export function trainingStateOf(
  checkpoint: Checkpoint,
  file: string,
): { readonly detector: Detector; readonly state: TrainingState } {
  const { groups, meta, epoch = -1 } = checkpoint;
  if (!groups?.[RAW] || (!meta?.progress && epoch < 0))
    throw new TrainingError(
      `${file} has no training state: the run is finished; start a new one from it with --weights`,
    );
  const detector = detectorFromCheckpoint(checkpoint);
  const progress = checkProgress(meta?.progress ?? referenceProgress(checkpoint, detector), file);
  // YOLOv5's also count batches, and hold what is rebuilt from the architecture.
  const isKnown = (name: string) => meta?.progress !== undefined || detector.tensors.has(name);
  const tensors = new Map<string, Tensor>();
  for (const [group, members] of Object.entries(groups))
    for (const [member, value] of members)
      if (group !== RAW || isKnown(member))
        tensors.set(group === RAW ? member : `${group}/${member}`, {
          dtype: 'float32',
          shape: value.shape,
          data: toFloat32(value),
        });
  for (const name of groups[RAW].keys()) {
    if (!isKnown(name) || isWhitening(name)) continue;
    const average = detector.tensors.get(name);
    if (!average)
      throw new TrainingError(`${file}: its training state is damaged: there is no average of "${name}"`);
    tensors.set(`${AVERAGE}/${name}`, average);
  }
  return { detector, state: { progress, tensors } };
}

/** Where a run of YOLOv5 is: its checkpoints hold the last finished epoch, and forget which was the best. */
function referenceProgress(
  { meta, epoch = 0, bestFitness = 0 }: Checkpoint,
  { family }: Detector,
): TrainingProgress {
  return {
    ...freshProgress(noLosses(family.lossTerms)),
    epoch: epoch + 1,
    updates: Number(meta?.updates ?? 0),
    bestFitness,
    bestEpoch: epoch,
  };
}

/** `momentum/model.0.conv.weight` is a member of `momentum`; a name without prefix, of `raw`. */
function splitName(name: string): [group: string, member: string] {
  const slash = name.indexOf('/');
  return slash < 0 ? [RAW, name] : [name.slice(0, slash), name.slice(slash + 1)];
}
