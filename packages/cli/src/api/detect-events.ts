/** What `detect` tells and returns. */
import type { Prediction, Speed } from '@froyolo/yolo';
import type { DeviceEvents } from './opened-detector.js';

/** What was found in an image. */
export interface ImageResult extends Prediction {
  readonly path: string;
}

/** What was found in a frame of a video or stream. */
export interface FrameResult extends Prediction {
  /** The file, or the name of the camera, screen or stream. */
  readonly path: string;
  /** Place of the video or stream among those of its kind, from 0, and how many there are. */
  readonly source: number;
  readonly sources: number;
  /** Counted from 1; with a stride only frames that were looked at. */
  readonly frame: number;
  /** Approximate number of frames; absent for endless sources. */
  readonly frames?: number;
}

/** A video or stream that was looked at. */
export interface VideoResult {
  readonly path: string;
  readonly frames: number;
  /** The annotated video. */
  readonly file?: string;
}

export interface DetectEvents extends DeviceEvents {
  /** Before each image: its place, from 0, among all. */
  onProgress?(done: number, total: number): void;
  onImage?(result: ImageResult): void;
  onFrame?(result: FrameResult): void;
  /** With `viewImg`: the address of the page, for this machine alone. */
  onView?(address: string): void;
}

export interface DetectResult {
  /** Results by image; images that can't be read are left out. */
  readonly images: readonly ImageResult[];
  readonly videos: readonly VideoResult[];
  /** Sources that can't be read, or that an abort left out. */
  readonly skipped: readonly string[];
  readonly isPartial: boolean;
  /** Milliseconds per image or frame; absent if there was none. */
  readonly speed?: Speed;
  /** Images and frames per second, with all that was read and written. */
  readonly perSecond: number;
  /** Where files were written; absent if none were. */
  readonly folder?: string;
}
