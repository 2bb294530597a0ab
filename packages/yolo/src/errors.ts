/** What goes wrong with detectors and their training; each message says where and what to do. */

/** A detector that can't be built from what is given; the message names the tensor or the setting. */
export class DetectorError extends Error {
  override name = 'DetectorError';
}

/** Training that can't start or go on; the message says where it was and what to do. */
export class TrainingError extends Error {
  override name = 'TrainingError';
}

/** A device that failed in the middle of training. */
export class TrainingDeviceError extends TrainingError {
  override name = 'TrainingDeviceError';
}
