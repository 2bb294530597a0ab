/** Errors of detectors and their training; each message says where and what to do. */
import { FroyoloError } from '@froyolo/errors';

/** A detector can't be built; the message names the tensor or the setting. */
export class DetectorError extends FroyoloError {
  override name = 'DetectorError';
  override readonly code = 'ERR_DETECTOR';
}

/** Training can't start or continue; the message says where it was and what to do. */
export class TrainingError extends FroyoloError {
  override name = 'TrainingError';
  override readonly code: string = 'ERR_TRAINING';
}

/** A device that failed in the middle of training. */
export class TrainingDeviceError extends TrainingError {
  override name = 'TrainingDeviceError';
  override readonly code = 'ERR_TRAINING_DEVICE';
}
