/** Which class of a detector answers at the boxes of other classes: a start for what those are to be. */
import type { Executor } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import { assignTargets } from '../assign/assign-targets.js';
import { buildInferenceGraph } from '../predict/inference-graph.js';
import { ProgramCache } from '../predict/programs.js';
import type { Detector } from './detector.js';
import type { ClassFrom } from './head-rows.js';
import { imageFeed } from './images.js';

/** Columns of a prediction before its class scores. */
const BOX_COLUMNS = 5;

export interface AnswerOptions {
  readonly executor: Executor;
  /** Classes of the labels. */
  readonly names: readonly string[];
  /** Largest ratio of sides in the assignment: the hyperparameter `anchor_t`. */
  readonly threshold: number;
}

/**
 * Runs a detector over labeled images and sums its scores where the assignment of training puts their boxes.
 * @returns for each class of the labels that has a box the detector's class that scores highest
 */
export async function answeringClasses(
  known: Detector,
  batches: AsyncIterable<Batch>,
  { executor, names, threshold }: AnswerOptions,
): Promise<ClassFrom> {
  const { numClasses } = known.model;
  const sums = names.map(() => new Float64Array(numClasses));
  const programs = new ProgramCache(executor);
  try {
    for await (const batch of batches) {
      const [, , height, width] = batch.shape;
      const build = () => buildInferenceGraph(known, [height, width]);
      const program = await programs.get(`${height}x${width}`, build);
      const { predictions } = await program.run({ images: imageFeed(batch.images, batch.shape) });
      if (!predictions) continue;
      for (const { row, cls } of assignedRows(known, batch, threshold))
        addScores(sums[cls], predictions.data, row * (BOX_COLUMNS + numClasses) + BOX_COLUMNS);
    }
  } finally {
    await programs.dispose();
  }
  return Object.fromEntries(
    names.flatMap((name, i) => {
      const answer = known.names[largest(sums[i])];
      return answer === undefined ? [] : [[name, answer]];
    }),
  );
}

const IMAGES_PER_CLASS = 32;

/** Enough of a dataset's images to tell which classes answer: of each class at most 32. */
export function answeringImages<T extends { readonly labels: ArrayLike<number> }>(images: readonly T[]): T[] {
  const seen = new Map<number, number>();
  return images.filter(({ labels }) => {
    const classes = new Set(Array.from(labels).filter((_, i) => i % LABEL_COLUMNS === 0));
    const isWanted = [...classes].some((cls) => (seen.get(cls) ?? 0) < IMAGES_PER_CLASS);
    if (isWanted) for (const cls of classes) seen.set(cls, (seen.get(cls) ?? 0) + 1);
    return isWanted;
  });
}

/** Class, cx, cy, w, h. */
const LABEL_COLUMNS = 5;

/** Rows of `[N, boxes, …]` that a batch's boxes are assigned to, each with its class. */
function* assignedRows({ model }: Detector, batch: Batch, anchorThreshold: number) {
  const [, , height, width] = batch.shape;
  const gridSizes = model.strides.map((stride) => [height / stride, width / stride] as const);
  const anchors = model.anchors.map((level, i) => level.flat().map((side) => side / (model.strides[i] ?? 1)));
  const levels = assignTargets(batch.targets, { anchors, gridSizes, anchorThreshold });
  const sizes = gridSizes.map(([h, w], i) => h * w * (model.anchors[i]?.length ?? 0));
  const boxes = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  for (const [i, level] of levels.entries()) {
    const [h, w] = gridSizes[i] ?? [0, 0];
    for (let m = 0; m < level.count; m++) {
      const [image = 0, anchor = 0, gj = 0, gi = 0, cls = 0] = [
        level.image,
        level.anchor,
        level.gj,
        level.gi,
        level.cls,
      ].map((column) => column[m]);
      yield { row: image * boxes + before + (anchor * h + gj) * w + gi, cls };
    }
    before += sizes[i] ?? 0;
  }
}

function addScores(sums: Float64Array | undefined, scores: ArrayLike<number>, start: number): void {
  sums?.forEach((sum, i) => {
    sums[i] = sum + (scores[start + i] ?? 0);
  });
}

/** Index of the largest; -1 where nothing was summed. */
function largest(sums: Float64Array | undefined): number {
  const most = Math.max(...(sums ?? []));
  return most > 0 ? (sums?.indexOf(most) ?? -1) : -1;
}
