/** Errors of the page itself, shown in the visitor's language by `texts`. */
import { FroyoloError } from '@froyolo/errors';

/** Kinds of errors; each has a text in every language. */
export const PAGE_ERRORS = [
  'PAGE_BROKEN_PROJECT',
  'PAGE_CAMERA_ADDRESS',
  'PAGE_DEMO_MISSING',
  'PAGE_NO_BOXES',
  'PAGE_NO_CANVAS',
  'PAGE_NO_CHECKPOINT',
  'PAGE_NO_LABELS',
  'PAGE_NO_MANIFEST',
  'PAGE_NO_PROJECT',
  'PAGE_NO_TRAINING',
  'PAGE_NO_ZIP',
  'PAGE_NONE_TO_TRAIN',
  'PAGE_NOTHING_TO_GO_ON',
  'PAGE_OTHER_TAB',
  'PAGE_PART_MISSING',
  'PAGE_PICTURE_GONE',
  'PAGE_PICTURE_MISSING',
  'PAGE_VIDEO',
  'PAGE_WORKER_STOPPED',
] as const;

export type PageErrorCode = (typeof PAGE_ERRORS)[number];

export class PageError extends FroyoloError {
  override name = 'PageError';
  override readonly code: PageErrorCode;

  /** @param what which file, or why, where that is known */
  constructor(code: PageErrorCode, what = '') {
    super([code, what].filter(Boolean).join(': '), { what });
    this.code = code;
  }
}
