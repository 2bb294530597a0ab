/** What goes wrong, in words. */
import type { PageErrorCode } from '../errors/page-error.js';

export interface ErrorTexts {
  readonly errors: {
    readonly page: Readonly<Record<PageErrorCode, (what: string) => string>>;
    /** The browser's storage refused: `reason` is what the browser calls it. */
    readonly storage: (reason: string) => string;
    /** An error of a package: `message` is English. */
    readonly ofPackage: (code: string, message: string) => string;
  };
}

export const errors: ErrorTexts = {
  errors: {
    page: {
      PAGE_BROKEN_PROJECT: (why) => `The description of the project in the zip can't be used: ${why}`,
      PAGE_CAMERA_ADDRESS: () => 'the camera needs a page served over https or from localhost',
      PAGE_DEMO_MISSING: (why) => `The demo's checkpoint can't be loaded: ${why}`,
      PAGE_NO_BOXES: () => 'No box is drawn yet: label some pictures first.',
      PAGE_NO_CANVAS: () => 'This browser can’t draw on a 2D canvas.',
      PAGE_NO_CHECKPOINT: () => 'Open a checkpoint first.',
      PAGE_NO_LABELS: () => 'No picture is labeled yet.',
      PAGE_NO_MANIFEST: (name) => `The zip holds no project: it has no ${name}.`,
      PAGE_NO_PROJECT: () => 'There is no such project in this browser.',
      PAGE_NO_TRAINING: () => 'Nothing has been trained yet.',
      PAGE_NO_ZIP: (why) => `This can't be read as a zip: ${why}`,
      PAGE_NONE_TO_TRAIN: () => 'No labeled picture is for training: change the split of some.',
      PAGE_NOTHING_TO_GO_ON: () => 'The last training left nothing to go on from.',
      PAGE_OTHER_TAB: () => 'This project is open in another tab; go on there, or close it.',
      PAGE_PART_MISSING: (why) => `A part of the page can't be loaded: ${why}`,
      PAGE_PICTURE_GONE: (path) => `${path} is no longer in this browser's storage.`,
      PAGE_PICTURE_MISSING: (path) => `The project's picture ${path} is missing in the zip.`,
      PAGE_VIDEO: () => 'This browser can’t play the video.',
      PAGE_WORKER_STOPPED: (why) =>
        `A worker of this page stopped${why ? ` (${why})` : ''}; reload the page.`,
    },
    storage: (reason) =>
      `This browser couldn't keep it (${reason}): the disk may be full, or this is a private window.`,
    ofPackage: (_, message) => message,
  },
};
