/** Training that can't start or go on; the message says where it was and what to do. */
export class TrainingError extends Error {
  override name = 'TrainingError';
}
