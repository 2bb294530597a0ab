/** Shortcuts of the label screen. */
import { signal } from '@preact/signals';
import { redo, selected, undo } from '../../state/labels.js';
import * as commands from './commands.js';
import { goBy } from './order.js';
import { fit, zoomAt } from './stage-state.js';

const KEPT = 'froyolo-shortcuts';
/** Whether single keys do something: who speaks to the computer may turn them off. */
export const areKeysOn = signal(localStorage.getItem(KEPT) !== 'off');

export function turnKeys(isOn: boolean): void {
  areKeysOn.value = isOn;
  localStorage.setItem(KEPT, isOn ? 'on' : 'off');
}

const ZOOM = 1.25;
const FAST = 10;

const COMMANDS: Readonly<Record<string, () => void>> = {
  d: () => goBy(1),
  PageDown: () => goBy(1),
  a: () => goBy(-1),
  PageUp: () => goBy(-1),
  n: commands.addInMiddle,
  e: () => commands.selectBy(1),
  q: () => commands.selectBy(-1),
  w: commands.pointAtNext,
  s: commands.acceptPointed,
  c: commands.copyToNext,
  Enter: commands.finishPicture,
  Delete: commands.deleteBox,
  Backspace: commands.deleteBox,
  Escape: () => (selected.value = undefined),
  '+': () => zoomAt(ZOOM),
  '=': () => zoomAt(ZOOM),
  '-': () => zoomAt(1 / ZOOM),
  '0': fit,
};

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** @returns whether the key meant something */
export function handleKey(event: KeyboardEvent, onHelp: () => void): boolean {
  if (event.target instanceof HTMLElement && isElsewhere(event.target, event.key)) return false;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z')
    return done(event.shiftKey ? redo : undo);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'y') return done(redo);
  if (event.ctrlKey || event.metaKey || !areKeysOn.value) return false;
  if (event.key === '?') return done(onHelp);
  if (/^[1-9]$/.test(event.key)) return done(() => commands.chooseClass(Number(event.key) - 1));
  const arrow = ARROWS[event.key];
  if (arrow) return move(arrow, event);
  const command = COMMANDS[event.key];
  return command ? done(command) : false;
}

/** Arrows move the selected box, else they go through the pictures. */
function move([x, y]: readonly [number, number], { shiftKey, altKey }: KeyboardEvent): boolean {
  if (selected.value === undefined) return x === 0 ? false : done(() => goBy(x));
  const step = shiftKey ? FAST : 1;
  return done(() => commands.nudge(x * step, y * step, altKey));
}

function done(command: () => void): true {
  command();
  return true;
}

/** Whether a key belongs to what has the focus: a field, a dialog, a button that it presses. */
function isElsewhere(target: HTMLElement, key: string): boolean {
  if (target.closest('input:not([type=checkbox]), select, textarea, dialog')) return true;
  return (key === 'Enter' || key === ' ') && target.closest('button, a, summary, label, input') !== null;
}
