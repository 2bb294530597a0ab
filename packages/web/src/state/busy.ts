/** The one thing at a time that the page waits for, with how far it is. */
import { computed, signal } from '@preact/signals';
import { clearMessages, showError } from './messages.js';

export type Work = 'reading' | 'opening' | 'training' | 'validating' | 'suggesting' | 'writing' | 'copying';

export interface Busy {
  readonly work: Work;
  readonly done: number;
  /** 0 while nobody knows. */
  readonly total: number;
  readonly since: number;
}

export const busy = signal<Busy | undefined>(undefined);
/** What is under way, without how far it is: what depends on it alone isn't drawn again with every step. */
export const work = computed(() => busy.value?.work);

/**
 * Does one thing at a time; what goes wrong becomes a message.
 * @returns what the work returns; undefined where it failed, or where something else is under way
 */
export async function during<T>(kind: Work, doIt: () => Promise<T>): Promise<T | undefined> {
  if (busy.value) return undefined;
  clearMessages();
  busy.value = { work: kind, done: 0, total: 0, since: performance.now() };
  try {
    return await doIt();
  } catch (error) {
    showError(error);
    return undefined;
  } finally {
    busy.value = undefined;
  }
}

export function progress(done: number, total: number): void {
  if (busy.value) busy.value = { ...busy.value, done, total };
}
