import type { JsonObject } from './json.js';
import type { TensorData } from './tensor.js';

/** Where the optimizer stands; its tensors are in the checkpoint's `groups`. */
export interface OptimizerState {
  /** `SGD`, `Adam` or `AdamW`. */
  readonly name: string;
  /** Updates applied so far. */
  readonly step: number;
  readonly [setting: string]: string | number | boolean | null;
}

/** A detector's weights and what is known about it, whichever file format it came from. */
export interface Checkpoint {
  /** The model's parameters and buffers under PyTorch's names, such as `model.0.conv.weight`. */
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** Which of a training checkpoint's weights these are. */
  readonly source: 'ema' | 'model' | 'state_dict';
  /** The architecture: `nc`, `depth_multiple`, `width_multiple`, `anchors`, `backbone`, `head`. */
  readonly yaml?: JsonObject;
  /** Family of detectors, such as `yolov5`; files of other programs have none. */
  readonly family?: string;
  readonly names?: readonly string[];
  readonly numClasses?: number;
  /** Input pixels per cell, one for each detection level. */
  readonly stride?: readonly number[];
  /** Anchors of each level in input pixels: `[w, h, w, h, …]`. */
  readonly anchors?: readonly (readonly number[])[];
  /** Last finished epoch, from 0; -1 when training is complete. */
  readonly epoch?: number;
  readonly bestFitness?: number;
  /** Hyperparameters of the training run. */
  readonly hyp?: JsonObject;
  /** Arguments of the training run. */
  readonly args?: JsonObject;
  readonly optimizer?: OptimizerState;
  /** Further sets of tensors by name, such as `raw` weights beside the EMA, or `momentum` buffers. */
  readonly groups?: Readonly<Record<string, ReadonlyMap<string, TensorData>>>;
  /** The file it was read from, for messages; not written. */
  readonly file?: string;
  /** Classes of the pickled model and of its last layer, `models.yolo.Model models.yolo.Detect`; not written. */
  readonly classes?: string;
  /** Anything else worth keeping. */
  readonly meta?: JsonObject;
}
