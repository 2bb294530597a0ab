/** Rendered shapes as batches. */
import {
  type Batch,
  collate,
  flipHorizontal,
  flipVertical,
  type ImageMeta,
  LABEL_ROW,
  toSample,
} from '@froyolo/data';
import { createRandom, drawScene, type Random, type Scene, type ShapeClass } from '@froyolo/shapes';
import type { BatchSource } from '@froyolo/yolo';

interface SceneOptions {
  readonly count: number;
  readonly batchSize: number;
  readonly imgsz: number;
  readonly seed: number;
  /** Mirror half of the pictures in each direction, anew in every epoch. Default false. */
  readonly flips?: boolean;
}

/** `count` pictures, drawn once, in batches that are shuffled for every epoch. */
export function sceneSource(
  classes: readonly ShapeClass[],
  { count, batchSize, imgsz, seed, flips = false }: SceneOptions,
): BatchSource {
  const scenes = Array.from({ length: count }, (_, i) => drawScene(createRandom(seed, i), classes, imgsz));
  const length = Math.ceil(count / batchSize);
  return {
    length,
    async *epoch(n): AsyncGenerator<Batch> {
      const random = createRandom(seed, -1, n);
      const order = scenes
        .map((scene, index) => ({ scene, index, at: random.uniform(0, 1) }))
        .sort((a, b) => a.at - b.at);
      for (let b = 0; b < length; b++)
        yield collate(
          order
            .slice(b * batchSize, (b + 1) * batchSize)
            .map(({ scene, index }) => sampleOf(scene, index, flips ? random : undefined)),
        );
    },
  };
}

function sampleOf({ pixels, imgsz, objects }: Scene, index: number, random?: Random) {
  const labels = Float32Array.from(
    objects.flatMap(({ classIndex, box: [x1, y1, x2, y2] }) => [
      classIndex,
      ...[(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].map((value) => value / imgsz),
    ]),
  );
  const image = { width: imgsz, height: imgsz, data: pixels.slice() };
  for (const [flip, column] of [
    [flipHorizontal, LABEL_ROW.at.cx],
    [flipVertical, LABEL_ROW.at.cy],
  ] as const) {
    if (!random?.chance(0.5)) continue;
    flip(image);
    for (let i = column; i < labels.length; i += LABEL_ROW.width) labels[i] = 1 - (labels[i] ?? 0);
  }
  const meta: ImageMeta = { index, originalShape: [imgsz, imgsz], ratio: [1, 1], pad: [0, 0] };
  return toSample(image, labels, `scene-${index}`, meta);
}
