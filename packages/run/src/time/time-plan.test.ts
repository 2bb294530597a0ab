import { expect, test } from 'vitest';
import { planTime } from './time-plan.js';

/** Two cores, yolov5n, 320 px. */
const facts = { images: 205, valImages: 87, batchSize: 16, inference: 1 / 210 };

test('little time: the backbone stays frozen, its features cached', () => {
  const plan = planTime({ ...facts, seconds: 50 });
  expect(plan).toMatchObject({ freeze: ['backbone'], valImages: 87 });
  expect(plan.unfreeze).toBeUndefined();
  expect(plan.epochs).toBe(21);
});

test('enough time: then the whole network, for most of it', () => {
  const plan = planTime({ ...facts, seconds: 290 });
  expect(plan).toMatchObject({ freeze: ['backbone'], unfreeze: '0:37', stage: { share: 0.3, cost: 3 } });
  expect(plan.epochs).toBe(37 + 29);
});

test('a freeze that is given: as many epochs as its cached steps allow', () => {
  const epochs = (trained: 'head' | 'neck and head') => planTime({ ...facts, seconds: 290, trained }).epochs;
  expect([epochs('neck and head'), epochs('head')]).toEqual([122, 976]);
});

test('few images have more epochs', () => {
  expect(planTime({ ...facts, images: 20, seconds: 50 }).epochs).toBe(137);
});

test('a validation that would take too long looks at fewer images', () => {
  const plan = planTime({ ...facts, seconds: 60, valImages: 5000 });
  expect(plan.valImages).toBe(755);
  expect(plan.validation).toBeCloseTo(3.6, 1);
  expect(planTime({ ...facts, seconds: 5, valImages: 5000 }).valImages).toBe(62);
  expect(planTime({ ...facts, seconds: 1, valImages: 5000 }).valImages).toBe(16);
});
