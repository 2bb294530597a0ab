/** What went wrong, in words, until it is closed or the next thing is tried. */
import { byId, element } from './dom.js';

const area = () => byId('messages', HTMLDivElement);

export function showError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const close = element('button', '×');
  close.type = 'button';
  close.ariaLabel = 'Close this message';
  const message = element('div', element('p', text.charAt(0).toUpperCase() + text.slice(1)), close);
  message.className = 'message';
  close.addEventListener('click', () => message.remove());
  area().replaceChildren(message);
  message.scrollIntoView({ block: 'nearest' });
}

export function clearErrors(): void {
  area().replaceChildren();
}
