/** What a study and the process of one of its runs tell each other. */
import type { BatchEvent, StartEvent } from '@froyolo/yolo';
import type { ArmEpoch, ArmOrder, ArmSetup } from './launcher.js';

/** Study to run. */
export type ArmRequest =
  | { readonly kind: 'start'; readonly order: ArmOrder }
  /** End after this step, with a checkpoint. */
  | { readonly kind: 'stop' };

/** Run to study. */
export type ArmReply =
  | { readonly kind: 'setup'; readonly event: ArmSetup }
  | { readonly kind: 'start'; readonly event: StartEvent }
  | { readonly kind: 'stage'; readonly epoch: number; readonly text: string }
  | { readonly kind: 'batch'; readonly event: BatchEvent; readonly memory: number }
  | { readonly kind: 'epoch'; readonly event: ArmEpoch }
  | { readonly kind: 'end'; readonly status: 'finished' | 'stopped' }
  | { readonly kind: 'error'; readonly message: string; readonly stack?: string };
