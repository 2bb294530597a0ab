/** Finds the class of a detector that scores highest at the boxes of a new class, to start that class from. */
import type { Executor } from '@froyolo/core';
import { type Batch, type Hyperparameters, LABEL_ROW } from '@froyolo/data';
import { type ClassFrom, compileInference, type Detector, imageFeed, ProgramCache } from '@froyolo/yolo';

export interface AnswerOptions {
  readonly executor: Executor;
  /** Classes of the labels. */
  readonly names: readonly string[];
  /** Settings of the assignment. */
  readonly hyp: Hyperparameters;
}

/**
 * Runs a detector over labeled images and sums its scores where the assignment of training puts their boxes.
 * @returns for each class of the labels that has a box the detector's class that scores highest
 */
export async function answeringClasses(
  known: Detector,
  batches: AsyncIterable<Batch>,
  { executor, names, hyp }: AnswerOptions,
): Promise<ClassFrom> {
  const { family, model } = known;
  const sums = names.map(() => new Float64Array(model.numClasses));
  const programs = new ProgramCache();
  try {
    for await (const batch of batches) {
      const [, , height, width] = batch.shape;
      const compile = () => compileInference(known, executor, [height, width]);
      const program = await programs.get(`${height}x${width}`, compile);
      const { predictions } = await program.run({ images: imageFeed(batch.images, batch.shape) });
      for (const { cls, scores } of family.scoresAt?.(predictions, batch, model, hyp) ?? [])
        addScores(sums[cls], scores);
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
    const classes = new Set(Array.from(labels).filter((_, i) => i % LABEL_ROW.width === LABEL_ROW.at.cls));
    const isWanted = [...classes].some((cls) => (seen.get(cls) ?? 0) < IMAGES_PER_CLASS);
    if (isWanted) for (const cls of classes) seen.set(cls, (seen.get(cls) ?? 0) + 1);
    return isWanted;
  });
}

function addScores(sums: Float64Array, scores: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) sums[i] += scores[i];
}

/** Index of the largest; -1 where nothing was summed. */
function largest(sums: Float64Array): number {
  const most = Math.max(...sums);
  return most > 0 ? sums.indexOf(most) : -1;
}
