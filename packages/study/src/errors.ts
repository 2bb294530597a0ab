import { TrainingError } from '@froyolo/yolo';

/** Something is wrong with a study or with one of its runs. */
export class StudyError extends TrainingError {
  override name = 'StudyError';
  override readonly code = 'ERR_STUDY';
}
