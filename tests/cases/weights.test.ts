/** Weights that are not what they seem. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isFroyoloError } from '@froyolo/errors';
import { noShared, sharedNote, sharedPath } from '@froyolo/testing';
import { loadCheckpoint } from '@froyolo/weights';
import { checkpointOf, createDetector, detectorFromCheckpoint, fineTuneFrom } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { describe, expect, test } from 'vitest';

const CASES = 'cases/damaged';
const FUSED = 'cases/weights-fused-or-nan/in/wt';
const weights = sharedPath(FUSED);
const read = (file: string) => loadCheckpoint(readFileSync(file), file);

describe.skipIf(noShared(FUSED))(`fused, NaN and bare weights${sharedNote(FUSED)}`, () => {
  test.each([
    ['fused.pt', /fused.*fused\.pt/],
    ['nan.pt', /NaN or infinite.*nan\.pt/],
  ])('%s is named as what it is, for detection and for training', (file, message) => {
    const checkpoint = read(join(weights, file));
    expect(() => detectorFromCheckpoint(checkpoint)).toThrow(message);
    expect(() => fineTuneFrom(checkpoint, { names: ['a'], seed: 0 })).toThrow(message);
  });

  test('sd.pt, a bare state dict of an official architecture, is recognized', () => {
    const { model, names } = detectorFromCheckpoint(read(join(weights, 'sd.pt')));
    expect(names).toHaveLength(model.numClasses);
    expect(model.strides).toEqual([8, 16, 32]);
  });
});

test('class names of another number than the network has are told with the file', () => {
  const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 0 });
  const checkpoint = { ...checkpointOf(detector), names: ['one'], file: 'odd.pt' };
  expect(() => detectorFromCheckpoint(checkpoint)).toThrow(
    `odd.pt: it names 1 classes, and its network has ${TOY_NAMES.length}`,
  );
});

const damaged = ['checkpoint', 'safetensors', 'resume-weights']
  .map((kind) => sharedPath(`${CASES}/${kind}`))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
const named = damaged.map((file) => [basename(file), file] as const);

describe.skipIf(damaged.length === 0)(`damaged checkpoints${sharedNote(CASES)}`, () => {
  test.each(named)('%s is a detector, or a typed error with the file, at once', (_, file) => {
    const started = performance.now();
    try {
      detectorFromCheckpoint(read(file));
    } catch (error) {
      expect(isFroyoloError(error), String(error)).toBe(true);
      expect(String(error)).toContain(file);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
