/** Anchors that fit a dataset, where the detector's own don't. */
import { parseModelYaml } from '@froyolo/model-yaml';
import { fitAnchors } from '../anchors/fit.js';
import { type AnchorSize, checkAnchors, type LabeledImage, labelSizes } from '../anchors/recall.js';
import { type Detector, detectorWith } from './detector.js';

/** Below this fraction of boxes that some anchor can be matched to, other anchors are looked for. */
const ENOUGH_RECALL = 0.98;

export interface AnchorCheckOptions {
  /** Side of the images in pixels, rounded up to a multiple of the largest stride. */
  readonly imgsz: number;
  /** Largest ratio of sides in the assignment: the hyperparameter `anchor_t`. */
  readonly threshold: number;
  readonly seed: number;
}

export interface AnchorCheck {
  /** The detector, with other anchors where those are better. */
  readonly detector: Detector;
  /** Best possible recall of its anchors, and of those it had. */
  readonly recall: number;
  readonly recallBefore: number;
  readonly replaced: boolean;
}

/** Checks how the anchors fit the boxes of a dataset, and finds better ones where they fit too few. */
export function fitAnchorsTo(
  detector: Detector,
  images: Iterable<LabeledImage>,
  { imgsz, threshold, seed }: AnchorCheckOptions,
): AnchorCheck {
  const { anchors, strides } = detector.model;
  const stride = Math.max(...strides);
  const sizes = labelSizes(images, Math.ceil(imgsz / stride) * stride);
  const recallOf = (levels: readonly (readonly AnchorSize[])[]) =>
    checkAnchors(sizes, levels.flat(), threshold).bestPossibleRecall;
  const recallBefore = recallOf(anchors);
  const kept = { detector, recall: recallBefore, recallBefore, replaced: false };
  if (sizes.length === 0 || recallBefore > ENOUGH_RECALL) return kept;
  const [numLevels, numAnchors] = [anchors.length, anchors[0]!.length];
  const found = fitAnchors(sizes, { numLevels, numAnchors, threshold, seed });
  const recall = recallOf(found);
  if (recall <= recallBefore) return kept;
  return { detector: withAnchors(detector, found), recall, recallBefore, replaced: true };
}

/** @param anchors pixels, `[level][anchor]` */
export function withAnchors(detector: Detector, anchors: readonly (readonly AnchorSize[])[]): Detector {
  const { model, tensors, names } = detector;
  const spec = parseModelYaml({ ...model.spec.source }, { anchors: anchors.map((level) => level.flat()) });
  const name = `model.${model.sections.head[0]}.anchors`;
  const data = Float32Array.from(
    anchors.flatMap((level, i) => level.flat().map((pixels) => pixels / model.strides[i]!)),
  );
  const { shape } = tensors.get(name)!;
  return detectorWith(spec, new Map([...tensors, [name, { dtype: 'float32', shape, data }]]), names);
}
