/** Classes of the project: added, renamed, colored, merged, removed. */
import { classColor } from '@froyolo/data';
import type { Picture, ProjectClass } from '../library/types.js';
import { change, currentClass } from './labels.js';
import { opened, pictures } from './project.js';

/** @returns the index of the class of that name, which is made where there is none */
export function addClass(name: string): number {
  const { classes } = opened();
  const known = classes.findIndex((one) => one.name === name);
  if (known >= 0) return known;
  change([], [...classes, { name, color: freeColor(classes) }]);
  return classes.length;
}

/** The first color of the palette that no class has. */
function freeColor(classes: readonly ProjectClass[]): string {
  const taken = new Set(classes.map(({ color }) => color));
  let at = classes.length;
  while (taken.has(classColor(at))) at++;
  return classColor(at);
}

/** Renames a class; where another one has that name, the two become one. */
export function renameClass(index: number, name: string): void {
  const { classes } = opened();
  const other = classes.findIndex((one, i) => one.name === name && i !== index);
  if (other >= 0) replaceClass(index, other);
  else
    change(
      [],
      classes.map((one, i) => (i === index ? { ...one, name } : one)),
    );
}

export function colorClass(index: number, color: string): void {
  change(
    [],
    opened().classes.map((one, i) => (i === index ? { ...one, color } : one)),
  );
}

/** Removes a class with its boxes. */
export function removeClass(index: number): void {
  replaceClass(index, undefined);
}

/** Boxes of a class that is removed belong to `other`, or go with it. */
function replaceClass(index: number, other: number | undefined): void {
  const shifted = (classId: number) => (classId > index ? classId - 1 : classId);
  const after: Picture[] = [];
  for (const picture of pictures.value) {
    if (!picture.boxes.some(({ classId }) => classId >= index)) continue;
    const boxes = picture.boxes.flatMap(({ classId, box }) => {
      if (classId !== index) return [{ box, classId: shifted(classId) }];
      return other === undefined ? [] : [{ box, classId: shifted(other) }];
    });
    after.push({ ...picture, boxes });
  }
  change(
    after,
    opened().classes.filter((_, i) => i !== index),
  );
  currentClass.value = Math.max(0, Math.min(currentClass.value, opened().classes.length - 1));
}
