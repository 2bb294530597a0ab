/** Changes of labels and classes: each is kept at once, and can be undone. */
import { batch, computed, signal } from '@preact/signals';
import { savePictures } from '../library/pictures.js';
import type { Box, Picture, ProjectClass } from '../library/types.js';
import { showError } from './messages.js';
import { changeProject, opened, pictures } from './project.js';
import { saving } from './saving.js';

interface Change {
  readonly before: readonly Picture[];
  readonly after: readonly Picture[];
  readonly classes?: { readonly before: readonly ProjectClass[]; readonly after: readonly ProjectClass[] };
}

const past = signal<readonly Change[]>([]);
const future = signal<readonly Change[]>([]);
export const canUndo = computed(() => past.value.length > 0);
export const canRedo = computed(() => future.value.length > 0);

/** Number of the picture that is labeled. */
export const currentId = signal<number | undefined>(undefined);
export const current = computed(() => pictures.value.find(({ id }) => id === currentId.value));
/** Index of the selected box. */
export const selected = signal<number | undefined>(undefined);
/** Class of the next box. */
export const currentClass = signal(0);

/** Changes pictures, and classes where they are given. */
export function change(after: readonly Picture[], classes?: readonly ProjectClass[]): void {
  const known = new Map(pictures.value.map((picture) => [picture.id, picture]));
  const before = after.flatMap(({ id }) => known.get(id) ?? []);
  const made = {
    before,
    after,
    ...(classes ? { classes: { before: opened().classes, after: classes } } : {}),
  };
  past.value = [...past.value, made];
  future.value = [];
  apply(after, made.classes?.after);
}

/** Changes the boxes of the picture that is labeled; drawing some means that it is being labeled. */
export function changeBoxes(boxes: readonly Box[]): void {
  const picture = current.value;
  if (picture) change([{ ...picture, boxes, done: true }]);
}

export function undo(): void {
  const last = past.value.at(-1);
  if (!last) return;
  past.value = past.value.slice(0, -1);
  future.value = [...future.value, last];
  apply(last.before, last.classes?.before);
  showChanged(last);
}

export function redo(): void {
  const next = future.value.at(-1);
  if (!next) return;
  future.value = future.value.slice(0, -1);
  past.value = [...past.value, next];
  apply(next.after, next.classes?.after);
  showChanged(next);
}

/** Forgets all steps: those of another project, or of pictures that were removed, can't be undone. */
export function forgetChanges(): void {
  past.value = [];
  future.value = [];
}

function apply(changed: readonly Picture[], classes: readonly ProjectClass[] | undefined): void {
  const byId = new Map(changed.map((picture) => [picture.id, picture]));
  batch(() => {
    pictures.value = pictures.value.map((picture) => byId.get(picture.id) ?? picture);
    const boxes = current.value?.boxes.length ?? 0;
    if (selected.value !== undefined && selected.value >= boxes) selected.value = undefined;
  });
  saving(savePictures(changed)).catch(showError);
  if (classes) changeProject({ classes }).catch(showError);
}

/** Shows the picture whose change is undone. */
function showChanged({ after }: Change): void {
  const [only, ...rest] = after;
  if (only && rest.length === 0) currentId.value = only.id;
  selected.value = undefined;
}
