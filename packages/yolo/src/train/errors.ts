/** Training that can't start or go on; the message says where it was and what to do. */
export class TrainingError extends Error {
  override name = 'TrainingError';
}

/** A device that failed in the middle of training. */
export class TrainingDeviceError extends TrainingError {
  override name = 'TrainingDeviceError';
}
