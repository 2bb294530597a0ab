/** What a training tells of itself, for the page to put in words. */
import type { ScaledTensors, StageChange } from '@froyolo/freeze';
import type { ClassStart } from '@froyolo/yolo';

/** Text is what a package says, in English. */
export type RunNote = string | CodedNote;

export type CodedNote =
  | { readonly code: 'data'; readonly train: number; readonly withoutBoxes: number; readonly val: number }
  | { readonly code: 'none held out' }
  | { readonly code: 'transferred'; readonly kept: number; readonly total: number }
  | { readonly code: 'classes'; readonly classes: readonly ClassStart[] }
  | ({ readonly code: 'unfreezing'; readonly epochs: number } & StageChange)
  | ({ readonly code: 'unfrozen' } & StageChange)
  | ({ readonly code: 'learning rate' } & ScaledTensors)
  | { readonly code: 'features there'; readonly there: number; readonly wanted: number }
  | { readonly code: 'room for features'; readonly capacity: number; readonly wanted: number };
