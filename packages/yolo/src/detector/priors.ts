/** Priors that fit a dataset, where the detector's own don't. */
import type { LabeledImage, PriorFit, PriorOptions } from '../family.js';
import { type Detector, detectorWith } from './detector.js';
import { roundedImgsz } from './image-size.js';

export interface PriorCheck {
  /** The detector, with other priors where those are better. */
  readonly detector: Detector;
  /** Absent if the detector's family has no priors. */
  readonly fit?: PriorFit;
}

/** Checks how a detector's priors (such as anchors) fit the boxes of a dataset, and replaces them by better ones. */
export function fitPriors(
  detector: Detector,
  images: Iterable<LabeledImage>,
  options: PriorOptions,
): PriorCheck {
  const { family, model, tensors, names } = detector;
  const imgsz = roundedImgsz(detector, options.imgsz);
  const fit = family.priors?.fit(model, images, { ...options, imgsz });
  if (!fit) return { detector };
  if (!fit.replacement) return { detector, fit };
  const { spec, tensors: changed } = fit.replacement;
  return { detector: detectorWith(spec, new Map([...tensors, ...changed]), names, family), fit };
}

/** A line about how priors fit a dataset. */
export function describePriors(
  { family }: Pick<Detector, 'family'>,
  { recall, recallBefore, replacement, warning }: PriorFit,
): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
  const matched = `${percent(recall)} of the boxes can be matched`;
  const name = family.priors?.name ?? 'priors';
  if (replacement) return `${name} replaced: ${matched}, ${percent(recallBefore)} before`;
  return `${name} kept: ${matched}${warning ? ` (${warning})` : ''}`;
}
