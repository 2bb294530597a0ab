/** Anchors for a dataset: k-means over the boxes' sizes, then random mutations of which the better ones are kept. */
import { Rng } from '@froyolo/data';
import { type AnchorSize, similarity } from './recall.js';

export interface FitAnchorsOptions {
  readonly numLevels: number;
  /** Per level. */
  readonly numAnchors: number;
  /** Largest ratio of sides in the assignment. Default 4. */
  readonly threshold?: number;
  /** Mutations tried. Default 1000. */
  readonly generations?: number;
  /** Same seed, same anchors. Default 0. */
  readonly seed?: number;
}

const KMEANS_ROUNDS = 30;
/** Boxes smaller than this on both sides are noise; anchors don't get smaller either. */
const MIN_PIXELS = 2;
/** A mutation changes each side with this probability, by a factor around 1 with this spread, within these limits. */
const MUTATION = { probability: 0.9, spread: 0.1, low: 0.3, high: 3 };

/**
 * @param sizes `[n, 2]`: widths and heights of boxes, in pixels at the training size
 * @returns `[level][anchor]`: width and height in the same pixels, small ones first; undefined if there are fewer boxes
 * of different sizes than anchors
 */
export function fitAnchors(sizes: ArrayLike<number>, options: FitAnchorsOptions): AnchorSize[][] | undefined {
  const { numLevels, numAnchors, threshold = 4, generations = 1000, seed = 0 } = options;
  const boxes: AnchorSize[] = [];
  for (let i = 0; i < sizes.length; i += 2)
    if (Math.max(sizes[i], sizes[i + 1]) >= MIN_PIXELS) boxes.push([sizes[i], sizes[i + 1]]);
  const total = numLevels * numAnchors;
  const different = new Set(boxes.map(String)).size;
  if (different < total) return undefined;
  const rng = new Rng(seed);
  const evolved = evolve(boxes, kMeans(boxes, total, rng), { threshold, generations, rng });
  const sorted = evolved.toSorted((a, b) => a[0] * a[1] - b[0] * b[1]);
  return Array.from({ length: numLevels }, (_, level) =>
    sorted.slice(level * numAnchors, (level + 1) * numAnchors),
  );
}

/** Lloyd's algorithm from well spread starts (k-means++); both sides in units of their standard deviation. */
function kMeans(boxes: readonly AnchorSize[], count: number, rng: Rng): AnchorSize[] {
  const deviations = [0, 1].map((side) => standardDeviation(boxes.map((box) => box[side])) || 1);
  const points = boxes.map(([w, h]): AnchorSize => [w / deviations[0], h / deviations[1]]);
  let centers = spreadStarts(points, count, rng);
  for (let round = 0; round < KMEANS_ROUNDS; round++) centers = moveCenters(points, centers);
  return centers.map(([w, h]) => [w * deviations[0], h * deviations[1]]);
}

/** Each start is a point drawn with the squared distance to the starts before it as its weight. */
function spreadStarts(points: readonly AnchorSize[], count: number, rng: Rng): AnchorSize[] {
  const starts = [points[rng.integer(points.length)]];
  const distances = points.map((point) => squaredDistance(point, starts[0]));
  while (starts.length < count) {
    let left = rng.random() * distances.reduce((a, b) => a + b, 0);
    // Rounding may leave a little of the sum over at the end: then it is the last point that isn't a start.
    let chosen = distances.findLastIndex((distance) => distance > 0);
    for (let i = 0; i < chosen; i++) {
      left -= distances[i];
      if (left < 0) chosen = i;
    }
    starts.push(points[chosen]);
    points.forEach((point, i) => {
      distances[i] = Math.min(distances[i], squaredDistance(point, points[chosen]));
    });
  }
  return starts;
}

/** Each center moves to the mean of the points nearest to it; one without points stays. */
function moveCenters(points: readonly AnchorSize[], centers: readonly AnchorSize[]): AnchorSize[] {
  const sums = centers.map(() => ({ w: 0, h: 0, count: 0 }));
  for (const point of points) {
    let nearest = 0;
    for (let c = 1; c < centers.length; c++)
      if (squaredDistance(point, centers[c]) < squaredDistance(point, centers[nearest])) nearest = c;
    sums[nearest].w += point[0];
    sums[nearest].h += point[1];
    sums[nearest].count++;
  }
  return sums.map(({ w, h, count }, c) => (count === 0 ? centers[c] : [w / count, h / count]));
}

/** Keeps a mutation where it fits the boxes better. */
function evolve(
  boxes: readonly AnchorSize[],
  start: AnchorSize[],
  { threshold, generations, rng }: { threshold: number; generations: number; rng: Rng },
): AnchorSize[] {
  let best = start.map(([w, h]): AnchorSize => [Math.max(w, MIN_PIXELS), Math.max(h, MIN_PIXELS)]);
  let bestFit = meanFit(boxes, best, threshold);
  for (let generation = 0; generation < generations; generation++) {
    const strength = rng.random();
    const mutated = best.map(([w, h]): AnchorSize => [mutate(w, strength, rng), mutate(h, strength, rng)]);
    const fit = meanFit(boxes, mutated, threshold);
    if (fit > bestFit) [best, bestFit] = [mutated, fit];
  }
  return best;
}

function mutate(side: number, strength: number, rng: Rng): number {
  const change = rng.random() < MUTATION.probability ? rng.normal() * MUTATION.spread * strength : 0;
  const factor = Math.min(Math.max(1 + change, MUTATION.low), MUTATION.high);
  return Math.max(side * factor, MIN_PIXELS);
}

/** Mean over boxes of the similarity to the best anchor; a box that no anchor can be matched to counts 0. */
function meanFit(boxes: readonly AnchorSize[], anchors: readonly AnchorSize[], threshold: number): number {
  let sum = 0;
  for (const [w, h] of boxes) {
    let best = 0;
    for (const anchor of anchors) best = Math.max(best, similarity(w, h, anchor));
    if (best > 1 / threshold) sum += best;
  }
  return sum / boxes.length;
}

const squaredDistance = (a: AnchorSize, b: AnchorSize) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
