/** Matches of a batch's targets with the predictions of a network. */
import type { Tensor } from '@froyolo/core';
import type { Batch, Hyperparameters } from '@froyolo/data';
import type { Model } from '@froyolo/model-yaml';
import { assignTargets, type LevelAssignment } from './assign.js';
import { CLASSES, valuesOf } from './layout.js';

type Targets = Pick<Batch, 'shape' | 'targets'>;

/** Rows and columns of each level's grid. */
export function gridSizesOf({ shape: [, , height, width] }: Targets, { strides }: Model) {
  return strides.map((stride) => [height / stride, width / stride] as const);
}

/** Matches per level, boxes in grid units. */
export function matchesOf(batch: Targets, model: Model, { anchor_t }: Hyperparameters): LevelAssignment[] {
  const { anchors, strides } = model;
  return assignTargets(batch.targets, {
    anchors: anchors.map((level, i) => level.flat().map((pixels) => pixels / strides[i])),
    gridSizes: gridSizesOf(batch, model),
    anchorThreshold: anchor_t,
  });
}

/** Class scores of the decoded predictions that a batch's boxes are assigned to. */
export function* scoresAt({ data }: Tensor, batch: Targets, model: Model, hyp: Hyperparameters) {
  const values = valuesOf(model.numClasses);
  const sizes = gridSizesOf(batch, model).map(([h, w], level) => h * w * model.anchors[level].length);
  const rowsPerImage = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  for (const [level, { numMatches, image, anchor, gj, gi, cls }] of matchesOf(batch, model, hyp).entries()) {
    const [height, width] = gridSizesOf(batch, model)[level];
    for (let m = 0; m < numMatches; m++) {
      const cell = (anchor[m] * height + gj[m]) * width + gi[m];
      const row = image[m] * rowsPerImage + before + cell;
      yield { cls: cls[m], scores: data.subarray(row * values + CLASSES, (row + 1) * values) };
    }
    before += sizes[level];
  }
}
