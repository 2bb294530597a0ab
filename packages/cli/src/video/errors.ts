import { FroyoloError } from '@froyolo/errors';

/** A video, camera or stream that can't be read. */
export class VideoError extends FroyoloError {
  override name = 'VideoError';
  override readonly code = 'ERR_VIDEO';
}

/** A video that can't be written. */
export class VideoWriteError extends FroyoloError {
  override name = 'VideoWriteError';
  override readonly code = 'ERR_VIDEO_WRITE';
}
