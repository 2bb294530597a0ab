import { createInterpreter, type Tensor } from '@froyolo/core';
import { createImage, hypPresets } from '@froyolo/data';
import { expect, test } from 'vitest';
import { compileAugmented } from '../predict/augmented-program.js';
import { compileInference } from '../predict/inference-graph.js';
import { createPredictor } from '../predict/predictor.js';
import { TOY_ARCHITECTURE, TOY_NAMES } from '../testing/toys.js';
import { createDetector } from './detector.js';
import { ensembleOf } from './ensemble.js';
import { fixedSizeOf } from './image-size.js';
import { runsOn } from './runs-on.js';

const toy = (seed: number, names = TOY_NAMES) => createDetector(TOY_ARCHITECTURE, { names, seed });
const [a, b] = [toy(1), toy(2)];
const both = ensembleOf([
  { file: 'a.pt', detector: a },
  { file: 'b.pt', detector: b },
]);
const executor = createInterpreter();
const images: Tensor = {
  dtype: 'uint8',
  shape: [2, 3, 64, 64],
  data: Uint8Array.from({ length: 2 * 3 * 64 * 64 }, (_, i) => (i * 7919) % 251),
};

test.each([
  ['plain', compileInference],
  ['augmented', compileAugmented],
] as const)('%s: the rows of each image are those of every member', async (_, compile) => {
  const run = async (detector: typeof a) => {
    const program = await compile(detector, executor, [64, 64]);
    const { predictions } = await program.run({ images });
    await program.dispose();
    return predictions;
  };
  const [first, second, joined] = [await run(a), await run(b), await run(both)];
  const perImage = first.data.length / 2;
  const image = ({ data }: Tensor, i: number) => [...data.subarray(i * perImage, (i + 1) * perImage)];
  expect(joined.shape).toEqual([2, 2 * (first.shape[1] ?? 0), first.shape[2]]);
  expect([...joined.data]).toEqual([0, 1].flatMap((i) => [...image(first, i), ...image(second, i)]));
});

test('detection finds the best of both', async () => {
  const found = async (detector: typeof a) => {
    await using predictor = createPredictor(detector, { executor, imgsz: 64, confThres: 0, maxDet: 1 });
    const { detections } = await predictor.predict(createImage(64, 64, 90));
    return detections[0]?.confidence ?? 0;
  };
  expect(await found(both)).toBe(Math.max(await found(a), await found(b)));
});

test('members have the same number of classes; other names are a warning', () => {
  const join = (detector: typeof a, warn?: (text: string) => void) =>
    ensembleOf(
      [
        { file: 'a.pt', detector: a },
        { file: 'c.pt', detector },
      ],
      warn,
    );
  expect(() => join(toy(3, ['bright', 'dark', 'gray']))).toThrow(
    'c.pt detects 3 classes, a.pt 2: an ensemble needs the same',
  );
  const warnings: string[] = [];
  expect(join(toy(3, ['bright', 'black']), (text) => warnings.push(text)).names).toEqual(TOY_NAMES);
  expect(warnings).toEqual(['class 1 is dark in a.pt, black in c.pt: the first names count']);
});

const NETWORK = {
  file: 'b.onnx',
  runsOn: () => false,
  open: () => Promise.reject(new Error('not opened')),
};

test('it runs on devices that run every member', () => {
  expect(runsOn(both, executor)).toBe(true);
  const joined = ensembleOf([
    { file: 'a.pt', detector: a },
    { file: 'b.onnx', detector: { ...b, network: NETWORK } },
  ]);
  expect(runsOn(joined, executor)).toBe(false);
});

test('it takes the image size of a member that takes no other', () => {
  const fixed = { ...b, network: { ...NETWORK, size: [64, 96] as const } };
  expect(fixedSizeOf(both)).toBeUndefined();
  const mixed = [
    { file: 'a.pt', detector: a },
    { file: 'b.onnx', detector: fixed },
  ];
  expect(fixedSizeOf(ensembleOf(mixed))).toEqual([64, 96]);
});

test('losses are those of one detector', async () => {
  const loss = { hyp: hypPresets['scratch-low'], imgsz: 64 };
  await expect(compileInference(both, executor, [64, 64], { loss })).rejects.toThrow(
    'an ensemble has no losses',
  );
});
