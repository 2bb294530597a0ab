import type { DatasetEvents } from './dataset.js';

/** What all functions tell while they work. */
export interface CommonEvents extends DatasetEvents {
  /** Aborting it ends the work at the next safe point. */
  readonly signal?: AbortSignal;
  /** Progress of a download of weights: bytes done and in all. */
  onDownload?(done: number, total: number): void;
  /** Something that doesn't stop the work but that a user should know. */
  onWarning?(text: string): void;
  /** Something takes a while, in words: devices that are measured, to find the fastest. */
  onNote?(text: string): void;
}
