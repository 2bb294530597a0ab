/** The task that the page waits for, one at a time, with its progress. */
import { computed, signal } from '@preact/signals';
import { clearMessages, showError } from './messages.js';

export type Work = 'reading' | 'opening' | 'training' | 'validating' | 'suggesting' | 'writing' | 'copying';

export interface Busy {
  readonly work: Work;
  readonly done: number;
  /** 0 while unknown. */
  readonly total: number;
  readonly since: number;
}

export const busy = signal<Busy | undefined>(undefined);
/** The current task without its progress, so that what depends only on it isn't redrawn with every step. */
export const work = computed(() => busy.value?.work);

/**
 * Does one task at a time; an error becomes a message.
 * @returns what the work returns; undefined where it failed, or where something else is under way
 */
export async function during<T>(kind: Work, doIt: () => Promise<T>): Promise<T | undefined> {
  if (busy.value) return undefined;
  clearMessages();
  busy.value = { work: kind, done: 0, total: 0, since: performance.now() };
  try {
    await unasked?.stop();
    return await doIt();
  } catch (error) {
    showError(error);
    return undefined;
  } finally {
    busy.value = undefined;
  }
}

/** What the page does of its own accord. */
let unasked: { stop(): Promise<void> } | undefined;

/**
 * Does what nobody asked for: it ends as soon as something else is to be done.
 * @param stop makes `doIt` end soon
 */
export async function whileIdle(doIt: () => Promise<unknown>, stop: () => Promise<void>): Promise<void> {
  if (busy.value || unasked) return;
  const ended = doIt().catch(showError);
  unasked = { stop: async () => void (await Promise.all([stop(), ended])) };
  await ended;
  unasked = undefined;
}

export function progress(done: number, total: number): void {
  if (busy.value) busy.value = { ...busy.value, done, total };
}
