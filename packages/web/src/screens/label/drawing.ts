/** New boxes, and the class that they get. */
import { signal } from '@preact/signals';
import type { Corners } from '../../library/types.js';
import { changeBoxes, current, currentClass, selected } from '../../state/labels.js';
import { project } from '../../state/project.js';

/** Boxes that wait for the project's first class. */
export const waiting = signal<Corners | undefined>(undefined);

/** Adds a box of the current class; a project without classes is asked for its first one. */
export function addBox(box: Corners): void {
  if ((project.value?.classes.length ?? 0) === 0) waiting.value = box;
  else addBoxOf(box, currentClass.value);
}

export function addBoxOf(box: Corners, classId: number): void {
  const picture = current.value;
  if (!picture) return;
  const index = picture.boxes.length;
  changeBoxes([...picture.boxes, { classId, box }]);
  selected.value = index;
}
