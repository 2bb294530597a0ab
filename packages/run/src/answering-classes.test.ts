import { createInterpreter } from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { createDetector, type Detector } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ, toySource } from '@froyolo/yolo/testing';
import { expect, test } from 'vitest';
import { answeringClasses, answeringImages } from './answering-classes.js';

const NAMES = ['cat', 'dog', 'cow'];
const ANCHORS = 2;

/** A detector that says `dog` to whatever is small, and `cow` to whatever is large. */
function opinionated(): Detector {
  const detector = createDetector(TOY_ARCHITECTURE, { names: NAMES, seed: 1 });
  const tensors = new Map(detector.tensors);
  for (const [level, favorite] of [1, 2].entries()) {
    const name = `model.5.m.${level}.bias`;
    const bias = tensors.get(name);
    if (!bias) throw new Error(name);
    const data = Float32Array.from(bias.data);
    for (let anchor = 0; anchor < ANCHORS; anchor++) data[anchor * (5 + NAMES.length) + 5 + favorite] = 9;
    tensors.set(name, { ...bias, dtype: 'float32', data });
  }
  return { ...detector, tensors };
}

/** Boxes `[image, class, cx, cy, w, h]` in gray images. */
async function* boxes(rows: readonly number[][]) {
  for await (const batch of toySource(2, 2).epoch(0))
    yield { ...batch, targets: Float32Array.from(rows.flat()) };
}

const side = (pixels: number) => pixels / TOY_IMGSZ;

test('the class that scores highest where boxes are assigned', async () => {
  const rows = [
    [0, 0, 0.5, 0.5, side(4), side(4)],
    [1, 0, 0.3, 0.7, side(5), side(4)],
    [1, 2, 0.5, 0.5, side(60), side(62)],
  ];
  const answers = await answeringClasses(opinionated(), boxes(rows), {
    executor: createInterpreter(),
    names: ['kitten', 'without a box', 'bull'],
    hyp: hypPresets['scratch-low'],
  });
  expect(answers).toEqual({ kitten: 'dog', bull: 'cow' });
});

test('at most 32 images of a class are asked, and all of a rare one', () => {
  const common = Array.from({ length: 100 }, (_, i) => ({ id: i, labels: [0, 0.5, 0.5, 0.1, 0.1] }));
  const rare = { id: 100, labels: [0, 0.5, 0.5, 0.1, 0.1, 1, 0.5, 0.5, 0.1, 0.1] };
  const unlabeled = { id: 101, labels: [] };
  expect(answeringImages([...common, rare, unlabeled]).map(({ id }) => id)).toEqual([
    ...Array.from({ length: 32 }, (_, i) => i),
    100,
  ]);
});
