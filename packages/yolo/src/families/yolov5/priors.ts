/** Anchors that fit a dataset, where the detector's own don't. */
import { type AnchorSize, checkAnchors, fitAnchors } from '@froyolo/boxes';
import type { Tensor } from '@froyolo/core';
import { LABEL_ROW } from '@froyolo/data';
import { type Model, parseModelYaml } from '@froyolo/model-yaml';
import type { LabeledImage, PriorFit, PriorOptions } from '../../family.js';

/** Below this fraction of boxes that some anchor can be matched to, other anchors are looked for, as in YOLOv5. */
const ENOUGH_RECALL = 0.98;
/** The same where the head would lose its rows with its anchors; measured in docs/learning.md. */
const ENOUGH_WITH_ROWS = 0.6;

/** Whether a tensor of that name holds the anchors. */
export const holdsAnchors = (name: string) => name.endsWith('.anchors');

/** Checks how a model's anchors fit the boxes of a dataset, and finds better ones where they fit too few. */
export function fitModelAnchors(
  model: Model,
  images: Iterable<LabeledImage>,
  { imgsz, hyp, seed, hasRows = false }: PriorOptions,
): PriorFit {
  const threshold = hyp.anchor_t;
  const sizes = labelSizes(images, imgsz);
  const { anchors } = model;
  const recallOf = (levels: readonly (readonly AnchorSize[])[]) =>
    checkAnchors(sizes, levels.flat(), threshold).bestPossibleRecall;
  const recallBefore = recallOf(anchors);
  const kept = { recall: recallBefore, recallBefore };
  if (sizes.length === 0 || recallBefore > ENOUGH_RECALL) return kept;
  if (hasRows && recallBefore > ENOUGH_WITH_ROWS)
    return { ...kept, warning: 'with others the last layer would start fresh' };
  const [numLevels, numAnchors] = [anchors.length, anchors[0].length];
  const found = fitAnchors(sizes, { numLevels, numAnchors, threshold, seed });
  if (!found)
    return { ...kept, warning: `${numLevels * numAnchors} anchors need as many boxes of different sizes` };
  const recall = recallOf(found);
  if (recall <= recallBefore) return kept;
  return { recall, recallBefore, replacement: replacing(model, found) };
}

/** Widths and heights of all labels, `[n, 2]`, in pixels of images whose long side is `imgsz`. */
export function labelSizes(images: Iterable<LabeledImage>, imgsz: number): Float32Array {
  const { width: columns, at } = LABEL_ROW;
  const sizes: number[] = [];
  for (const { labels, width, height } of images) {
    const scale = imgsz / Math.max(width, height);
    for (let row = 0; row < labels.length; row += columns)
      sizes.push(labels[row + at.w] * width * scale, labels[row + at.h] * height * scale);
  }
  return Float32Array.from(sizes);
}

/** @param anchors pixels, `[level][anchor]` */
function replacing(
  { spec, sections, strides }: Model,
  anchors: readonly (readonly AnchorSize[])[],
): PriorFit['replacement'] {
  const inCells = anchors.flatMap((level, i) => level.flat().map((pixels) => pixels / strides[i]));
  const tensor: Tensor = {
    dtype: 'float32',
    shape: [anchors.length, anchors[0].length, 2],
    data: Float32Array.from(inCells),
  };
  return {
    spec: parseModelYaml({ ...spec.source }, { anchors: anchors.map((level) => level.flat()) }),
    tensors: new Map([[`model.${sections.head[0]}.anchors`, tensor]]),
  };
}
