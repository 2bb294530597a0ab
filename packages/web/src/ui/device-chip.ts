/** The device in use, at the top of the page; opened it says what it falls back from. */
import type { DeviceInfo } from '../worker/api.js';
import { byId, element, list } from './dom.js';

const show = (state: string, name: string, ...notes: (Node | string)[]) => {
  byId('device', HTMLDetailsElement).dataset.state = state;
  byId('device-name', HTMLSpanElement).textContent = name;
  byId('device-notes', HTMLDivElement).replaceChildren(...notes);
};

export function showDevice({ name, version, description, isolated, notes }: DeviceInfo): void {
  const what = element('p', `Device ${name}, version ${version}.`);
  const why =
    notes.length > 0 ? [element('p', 'What could be faster, and why it is not used:'), list(notes)] : [];
  if (name.endsWith('wasm') && !isolated) show('limited', `${description} – why not more?`, what, ...why);
  else show('ready', description, what, ...why);
}

export function showNoDevice(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  show('failed', 'No device works', element('p', text));
}
