/**
 * What a detection layer knows apart from its classes. Its convolution of a level has `anchors · (5 + classes)` outputs:
 * per anchor x, y, w, h, objectness, then a row per class. The first five mean the same whatever the classes are.
 */
import type { Tensor } from '@froyolo/core';
import type { Model } from '@froyolo/model-yaml';
import { type Checkpoint, type TensorData, toFloat32 } from '@froyolo/weights';
import { DetectorError } from './errors.js';

/** `rows`: what doesn't depend on the classes is kept; `none`: a layer of another shape starts fresh, as in YOLOv5. */
export const KEEP_HEAD = ['rows', 'none'] as const;
export type KeepHead = (typeof KEEP_HEAD)[number];

/** Classes of a checkpoint to start from, by the name of the class to detect: `{ crate: 'suitcase' }`. */
export type ClassFrom = Readonly<Record<string, string>>;

/** Where the row of a class comes from: that class of the checkpoint, or the mean of all of them. */
export interface ClassStart {
  readonly name: string;
  readonly from?: string;
}

export interface KeptRows {
  /** Weights and biases of the detection layer, by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly classes: readonly ClassStart[];
}

/** Outputs of an anchor before its classes: x, y, w, h, objectness. */
const SHARED_ROWS = 5;

/** Anchors that differ by less, relatively, are the same: checkpoints hold them in half precision. */
const ANCHOR_TOLERANCE = 2 ** -9;

/**
 * Values of a detection layer that goes on with the rows of a checkpoint's, if that has the same anchors and inputs: box
 * and objectness as they are; each class from the one that `classFrom` gives, or the one of the same name, or the mean of all.
 * @param names classes to detect
 * @throws DetectorError when `classFrom` names a class that isn't there
 */
export function keptHeadRows(
  model: Model,
  checkpoint: Checkpoint,
  names: readonly string[],
  classFrom: ClassFrom = {},
): KeptRows | undefined {
  const classes = classStarts(names, checkpoint.names ?? [], classFrom);
  const layer = `model.${model.sections.head[0]}`;
  if (!hasSameAnchors(model, checkpoint, layer)) return undefined;
  const sources = classes.map(({ from }) =>
    from === undefined ? -1 : (checkpoint.names?.indexOf(from) ?? -1),
  );
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of model.parameters.filter((parameter) =>
    parameter.name.startsWith(`${layer}.m.`),
  )) {
    const rows = joinedRows(shape, checkpoint.tensors.get(name), sources, model.anchors[0]?.length ?? 0);
    if (!rows) return undefined;
    tensors.set(name, { dtype: 'float32', shape, data: rows });
  }
  return { tensors, classes };
}

/** A line about what a detection layer starts from. */
export function describeHeadRows(classes: readonly ClassStart[]): string {
  const known = classes.filter(({ from }) => from !== undefined);
  const others = classes.length - known.length;
  const named = known.map(({ name, from }) => (name === from ? name : `${name} from ${from}`)).join(', ');
  const mean =
    others === 0
      ? []
      : [`${known.length === 0 ? 'classes' : `${others} more`} start from the mean of the weights' classes`];
  return [
    'rows of box and objectness kept in the last layer',
    ...(named ? [`classes: ${named}`] : []),
    ...mean,
  ].join('; ');
}

function classStarts(names: readonly string[], known: readonly string[], classFrom: ClassFrom): ClassStart[] {
  for (const [to, from] of Object.entries(classFrom)) {
    checkClass(to, names, 'the dataset has');
    checkClass(from, known, 'the weights have');
  }
  return names.map((name) => {
    const from = classFrom[name] ?? known.find((other) => spelled(other) === spelled(name));
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
 * A tensor of `anchors · (5 + classes)` rows made of another's.
 * @param sources of each class, the other's class; -1 for the mean of its classes
 */
function joinedRows(
  shape: readonly number[],
  known: TensorData | undefined,
  sources: readonly number[],
  anchors: number,
): Float32Array | undefined {
  const [rows = 0, ...inputs] = shape;
  const [knownRows = 0, ...knownInputs] = known?.shape ?? [];
  const knownClasses = knownRows / anchors - SHARED_ROWS;
  if (!known || knownInputs.join() !== inputs.join() || !(Number.isInteger(knownClasses) && knownClasses > 0))
    return undefined;
  const size = inputs.reduce((product, side) => product * side, 1);
  const from = toFloat32(known);
  const row = (anchor: number, index: number) => {
    const start = (anchor * (SHARED_ROWS + knownClasses) + index) * size;
    return from.subarray(start, start + size);
  };
  const joined = new Float32Array(rows * size);
  for (let anchor = 0; anchor < anchors; anchor++) {
    const classRows = Array.from({ length: knownClasses }, (_, i) => row(anchor, SHARED_ROWS + i));
    const mean = meanOf(classRows, size);
    const own = [
      ...Array.from({ length: SHARED_ROWS }, (_, i) => row(anchor, i)),
      ...sources.map((source) => classRows[source] ?? mean),
    ];
    own.forEach((values, i) => {
      joined.set(values, (anchor * own.length + i) * size);
    });
  }
  return joined;
}

function meanOf(rows: readonly Float32Array[], size: number): Float32Array {
  const mean = new Float32Array(size);
  for (const row of rows)
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (row[i] ?? 0) / rows.length;
  return mean;
}
