/** What can be done to the boxes of the current picture, by keys and buttons. */
import type { Corners } from '../../library/types.js';
import { change, changeBoxes, current, currentClass, selected } from '../../state/labels.js';
import { project } from '../../state/project.js';
import { accept, acceptOne } from '../../state/suggestions.js';
import { moved } from './boxes.js';
import { addBox } from './drawing.js';
import { goBy, listed } from './order.js';
import { offered, pointed } from './stage-state.js';

export function deleteBox(index = selected.value): void {
  const picture = current.value;
  if (!picture || index === undefined) return;
  selected.value = undefined;
  changeBoxes(picture.boxes.filter((_, i) => i !== index));
}

/** The class of the selected box, and of the next one. */
export function chooseClass(classId: number): void {
  if (classId >= (project.value?.classes.length ?? 0)) return;
  currentClass.value = classId;
  const picture = current.value;
  if (!picture || selected.value === undefined) return;
  changeBoxes(picture.boxes.map((one, i) => (i === selected.value ? { ...one, classId } : one)));
}

/** Moves the selected box, or its bottom right corner. */
export function nudge(dx: number, dy: number, isResized: boolean): void {
  const picture = current.value;
  const box = selected.value === undefined ? undefined : picture?.boxes[selected.value]?.box;
  if (!picture || !box) return;
  const [x1, y1, x2, y2] = box;
  const grown: Corners = [
    x1,
    y1,
    Math.min(picture.width, Math.max(x1 + 2, x2 + dx)),
    Math.min(picture.height, Math.max(y1 + 2, y2 + dy)),
  ];
  const after = isResized ? grown : moved(box, dx, dy, picture);
  changeBoxes(picture.boxes.map((one, i) => (i === selected.value ? { ...one, box: after } : one)));
}

/** A box in the middle, to be moved by keys. */
export function addInMiddle(): void {
  const picture = current.value;
  if (!picture) return;
  const { width, height } = picture;
  addBox([width * 0.375, height * 0.375, width * 0.625, height * 0.625]);
}

export function selectBy(step: number): void {
  const count = current.value?.boxes.length ?? 0;
  if (count === 0) return;
  selected.value = ((selected.value ?? (step > 0 ? -1 : count)) + step + count) % count;
}

/** Points at the next suggestion, at first at the surest. */
export function pointAtNext(): void {
  const all = offered.value;
  pointed.value = all[(placeOfPointed() + 1) % all.length];
}

/** Accepts the suggestion that is pointed at, else the surest, and points at the next one. */
export function acceptPointed(): void {
  const at = Math.max(0, placeOfPointed());
  const one = offered.value[at];
  if (!one) return;
  acceptOne(one);
  const left = offered.value;
  pointed.value = left[at % left.length];
}

const placeOfPointed = () => (pointed.value ? offered.value.indexOf(pointed.value) : -1);

/** Copies the boxes to the next picture in the list, behind those that it has, and goes there. */
export function copyToNext(): void {
  const picture = current.value;
  const list = listed.value;
  const next = list[list.findIndex(({ id }) => id === picture?.id) + 1];
  if (!picture || !next || picture.boxes.length === 0) return;
  change([{ ...next, boxes: [...next.boxes, ...picture.boxes.map((one) => ({ ...one }))], done: true }]);
  goBy(1);
}

/** Accepts what is suggested, marks the picture as done, and goes on. */
export function finishPicture(): void {
  const picture = current.value;
  if (!picture) return;
  if (accept([picture]) === 0 && !picture.done) change([{ ...picture, done: true }]);
  goBy(1);
}
