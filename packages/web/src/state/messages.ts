/** What the page has to say: errors stay until they are closed or the next thing is done, results until they are closed. */

import { signal } from '@preact/signals';
import { wordsOf } from './error-words.js';

export interface Message {
  readonly id: number;
  readonly kind: 'error' | 'done' | 'warning';
  readonly text: string;
  /** More lines, shown on demand. */
  readonly lines?: readonly string[];
}

export const messages = signal<readonly Message[]>([]);
let next = 0;

export function show(message: Omit<Message, 'id'>): void {
  messages.value = [...messages.value, { ...message, id: next++ }];
}

export function showError(error: unknown): void {
  const text = sentence(wordsOf(error));
  if (!messages.value.some((message) => message.text === text)) show({ kind: 'error', text });
}

export function close(id: number): void {
  messages.value = messages.value.filter((message) => message.id !== id);
}

/** Clears messages that the next action makes stale. */
export function clearMessages(): void {
  messages.value = messages.value.filter(({ kind }) => kind === 'warning');
}

/** Ends a text with punctuation unless it has some, which may be Chinese. */
const sentence = (text: string) => (/[.!?\u3002\uff01\uff1f]$/.test(text) ? text : `${text}.`);
