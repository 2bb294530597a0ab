/**
 * What a detection layer knows apart from its classes. Its convolution of a level has `anchors · (5 + classes)` outputs:
 * per anchor x, y, w, h, objectness, then a row per class. The first five mean the same whatever the classes are.
 */
import type { Tensor } from '@froyolo/core';
import type { Model } from '@froyolo/model-yaml';
import { type Checkpoint, type TensorData, toFloat32 } from '@froyolo/weights';
import { DetectorError } from '../../errors.js';
import type { ClassSources, ClassStart, KeptHead, NamedModel } from '../../family.js';
import { CLASSES } from './layout.js';

/** Anchors that differ by less, relatively, are the same: checkpoints hold them in half precision. */
const ANCHOR_TOLERANCE = 2 ** -9;

/**
 * Values of a detection layer that continues with the rows of a checkpoint's, if that has the same anchors and inputs: box
 * and objectness as they are; each class from the one that `classFrom` gives, or the one of the same name, or the one in
 * `answers`; others stay as they are.
 * @param detector for the classes to detect
 * @throws DetectorError when `classFrom` names a class that does not exist
 */
export function keptHeadRows(
  { model, names, tensors: fresh }: NamedModel,
  checkpoint: Checkpoint,
  sources: ClassSources = {},
): KeptHead | undefined {
  const { names: knownNames = [], tensors: known } = checkpoint;
  const classes = classStarts(names, knownNames, sources);
  const layer = `model.${model.sections.head[0]}`;
  if (!hasSameAnchors(model, checkpoint, layer)) return undefined;
  const indices = classes.map(({ from }) => (from === undefined ? -1 : knownNames.indexOf(from)));
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of fresh) {
    if (!name.startsWith(`${layer}.m.`)) continue;
    const joined = joinedRows(tensor, known.get(name), indices, model.anchors[0]?.length ?? 0);
    if (!joined) return undefined;
    tensors.set(name, joined);
  }
  return { tensors, classes };
}

/** A line about what a detection layer starts from. */
export function describeHeadRows(classes: readonly ClassStart[]): string {
  const starts = classes.map(({ name, from }) =>
    from === undefined ? `${name} fresh` : `${name} from ${from}`,
  );
  const some = `${starts.slice(0, NAMED).join(', ')}${starts.length > NAMED ? ', …' : ''}`;
  return `rows of box and objectness kept in the last layer; classes start: ${some}`;
}

/** Classes that are named in a line. */
const NAMED = 10;

function classStarts(
  names: readonly string[],
  known: readonly string[],
  { classFrom = {}, answers = {} }: ClassSources,
): ClassStart[] {
  for (const [to, from] of Object.entries(classFrom)) {
    checkClass(to, names, 'the dataset has');
    checkClass(from, known, 'the weights have');
  }
  return names.map((name) => {
    const sameName = known.find((other) => spelled(other) === spelled(name));
    const from = classFrom[name] ?? sameName ?? answers[name];
    return from === undefined ? { name } : { name, from };
  });
}

const spelled = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');

function checkClass(name: string, names: readonly string[], whoHas: string): void {
  if (names.includes(name)) return;
  const some = `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
  throw new DetectorError(`class-from: ${whoHas} no class "${name}"; there is ${some || 'none with a name'}`);
}

function hasSameAnchors({ anchors, strides }: Model, { tensors }: Checkpoint, layer: string): boolean {
  const known = tensors.get(`${layer}.anchors`);
  if (!known) return false;
  const theirs = toFloat32(known);
  const ours = anchors.flatMap((level, i) => level.flat().map((side) => side / (strides[i] ?? 1)));
  return (
    ours.length === theirs.length &&
    ours.every((side, i) => Math.abs(side - (theirs[i] ?? 0)) <= ANCHOR_TOLERANCE * side)
  );
}

/**
 * A tensor of `anchors · (5 + classes)` rows with those of another one in it, where they mean the same.
 * @param sources of each class, the other's class; -1 for none
 */
function joinedRows(
  fresh: Tensor,
  known: TensorData | undefined,
  sources: readonly number[],
  anchors: number,
): Tensor | undefined {
  const [, ...inputs] = fresh.shape;
  const [knownRows = 0, ...knownInputs] = known?.shape ?? [];
  const perKnown = knownRows / anchors;
  if (!known || knownInputs.join() !== inputs.join() || !(Number.isInteger(perKnown) && perKnown > CLASSES))
    return undefined;
  const size = inputs.reduce((product, side) => product * side, 1);
  const from = toFloat32(known);
  const data = Float32Array.from(fresh.data);
  const perAnchor = CLASSES + sources.length;
  const shared = Array.from({ length: CLASSES }, (_, i) => i);
  const rows = [...shared, ...sources.map((source) => (source < 0 ? undefined : CLASSES + source))];
  for (let anchor = 0; anchor < anchors; anchor++)
    for (const [to, row] of rows.entries()) {
      if (row === undefined) continue;
      const start = (anchor * perKnown + row) * size;
      data.set(from.subarray(start, start + size), (anchor * perAnchor + to) * size);
    }
  return { dtype: 'float32', shape: fresh.shape, data };
}
