/** What went wrong, in words, until it is closed or the next thing is tried. */
import { byId, element } from './dom.js';

const area = () => byId('messages', HTMLDivElement);

export function showError(error: unknown): void {
  const text = sentence(error instanceof Error ? error.message : String(error));
  const close = element('button', '×');
  close.type = 'button';
  close.ariaLabel = 'Close this message';
  const message = element('div', element('p', text), close);
  message.className = 'message';
  close.addEventListener('click', () => message.remove());
  area().replaceChildren(message);
  message.scrollIntoView({ block: 'nearest' });
}

/** With a capital in front, unless it begins with the name of a file. */
function sentence(text: string): string {
  return /^[a-z']+\s/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

export function clearErrors(): void {
  area().replaceChildren();
}
