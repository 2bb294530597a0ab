import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { propertySeed } from '@froyolo/testing';
import { TrainingError } from '@froyolo/yolo';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FEATURES, JOURNAL } from '../features/recorded-features.js';
import type { FeatureEntry } from '../features/store.js';
import type { EntryId } from '../features/variants.js';
import { FeatureFiles } from './feature-files.js';
import { makeRoom } from './feature-folders.js';

fc.configureGlobal({ seed: propertySeed });

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'froyolo-features-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let count = 0;
const newFolder = () => join(root, `cache${count++}`);

const ELEMENTS = 6;
const options = { images: 5, elements: ELEMENTS, capacity: 10 };

/** Values that tell the entry and the draw. */
function entryOf({ index, slot, draw }: EntryId): FeatureEntry {
  const features = Uint16Array.from(
    { length: ELEMENTS },
    (_, i) => 1000 * draw + 100 * slot + 10 * index + i,
  );
  return { features, labels: Float32Array.from({ length: 5 * (index % 3) }, (_, i) => draw + i / 8) };
}

async function expectThere(store: FeatureFiles, id: EntryId): Promise<void> {
  expect(store.has(id)).toBe(true);
  const parts = [new Uint16Array(2), new Uint16Array(4)];
  const { features, labels } = entryOf(id);
  expect(await store.read(id, parts)).toEqual(labels);
  expect(parts.flatMap((part) => [...part])).toEqual([...features]);
}

async function filled(folder: string, ids: readonly EntryId[]): Promise<void> {
  const store = new FeatureFiles(folder, options);
  for (const id of ids) await store.write(id, entryOf(id));
  await store.close();
}

const first: EntryId[] = [0, 1, 2, 3, 4].map((index) => ({ index, slot: 0, draw: 0 }));

describe('what is in the place of a file', () => {
  test.each([FEATURES, JOURNAL, 'lock'])('a folder for %s is told', async (name) => {
    const folder = newFolder();
    await mkdir(join(folder, name), { recursive: true });
    const open = () => new FeatureFiles(folder, options);
    expect(open).toThrow(TrainingError);
    expect(open).toThrow(`${join(folder, name)}: it is `);
  });

  const hasPipes = process.platform !== 'win32';
  test.skipIf(!hasPipes).each([FEATURES, JOURNAL, 'lock'])(
    `a pipe for %s is told, not waited for${hasPipes ? '' : ' (skipped: Windows has none in folders)'}`,
    async (name) => {
      const folder = newFolder();
      await mkdir(folder, { recursive: true });
      execFileSync('mkfifo', [join(folder, name)]);
      expect(() => new FeatureFiles(folder, options)).toThrow(`${join(folder, name)}: it is `);
    },
  );

  test('a file for the folder itself', async () => {
    const file = newFolder();
    await writeFile(file, '');
    expect(() => new FeatureFiles(join(file, 'key'), options)).toThrow(
      `${join(file, 'key')}: features can't be cached there: a part of the path is a file`,
    );
  });
});

describe('features in files', () => {
  test('are there again when the folder is opened again', async () => {
    const folder = newFolder();
    await filled(folder, first);
    await filled(folder, [{ index: 2, slot: 1, draw: 1 }]);
    const store = new FeatureFiles(folder, options);
    for (const id of [...first, { index: 2, slot: 1, draw: 1 }]) await expectThere(store, id);
    expect(store.has({ index: 2, slot: 1, draw: 3 })).toBe(false);
    expect(store.has({ index: 3, slot: 1, draw: 1 })).toBe(false);
    expect(store.size).toBe(6);
    await store.close();
  });

  test('wherever a kill cuts the journal off, only what was not announced is missing, and writing goes on', async () => {
    const folder = newFolder();
    await filled(folder, first);
    const whole = (await readFile(join(folder, JOURNAL))).length;
    const sizes = first.map((id) => 24 + entryOf(id).labels.byteLength);
    const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b));
    expect(ends.at(-1)).toBe(whole);
    for (let length = 0; length <= whole; length++) {
      const copy = newFolder();
      await mkdir(copy);
      for (const file of [FEATURES, JOURNAL]) await copyFile(join(folder, file), join(copy, file));
      await truncate(join(copy, JOURNAL), length);
      const there = ends.filter((end) => end <= length).length;
      const store = new FeatureFiles(copy, { ...options, onDamaged: (text) => expect.unreachable(text) });
      expect(store.size).toBe(there);
      for (const id of first.slice(there)) await store.write(id, entryOf(id));
      await store.close();
      const again = new FeatureFiles(copy, options);
      for (const id of first) await expectThere(again, id);
      await again.close();
    }
  });

  test('a journal with another byte in its third record is told, and what came before is kept', async () => {
    const folder = newFolder();
    await filled(folder, first);
    const file = join(folder, JOURNAL);
    const bytes = await readFile(file);
    const start = [0, 1].reduce((sum, i) => sum + 24 + entryOf(first[i]).labels.byteLength, 0);
    bytes[start + 21] ^= 4;
    await writeFile(file, bytes);
    const said: string[] = [];
    const store = new FeatureFiles(folder, { ...options, onDamaged: (text) => said.push(text) });
    expect(said).toEqual([`${file}: is damaged behind 2 entries; what was cached after them is made again`]);
    expect(store.size).toBe(2);
    for (const id of first.slice(2)) await store.write(id, entryOf(id));
    await store.close();
    const again = new FeatureFiles(folder, { ...options, onDamaged: (text) => expect.unreachable(text) });
    for (const id of first) await expectThere(again, id);
    await again.close();
  });

  test('a folder in the place of a file is an error that leaves the cache open to the next try', async () => {
    const folder = newFolder();
    await mkdir(join(folder, FEATURES), { recursive: true });
    for (let i = 0; i < 2; i++) expect(() => new FeatureFiles(folder, options)).toThrow(/it is a folder/);
  });

  test('a new draw replaces the old one; killed in between, neither is there', async () => {
    const folder = newFolder();
    await filled(folder, first);
    const before = (await readFile(join(folder, JOURNAL))).length;
    const renewed = { index: 1, slot: 0, draw: 7 };
    await filled(folder, [renewed]);
    const DROP_RECORD = 24;
    const copy = newFolder();
    await mkdir(copy);
    for (const file of [FEATURES, JOURNAL]) await copyFile(join(folder, file), join(copy, file));
    await truncate(join(copy, JOURNAL), before + DROP_RECORD);
    const killed = new FeatureFiles(copy, options);
    expect([killed.has(first[1]), killed.has(renewed), killed.size]).toEqual([false, false, 4]);
    await killed.close();
    const store = new FeatureFiles(folder, options);
    expect(store.has(first[1])).toBe(false);
    await expectThere(store, renewed);
    await store.close();
  });

  test('any sequence of writes, with the folder opened anew in between, gives the last draw of each', async () => {
    const id = fc.record({
      index: fc.nat({ max: 4 }),
      slot: fc.nat({ max: 1 }),
      draw: fc.nat({ max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(id, { maxLength: 4 }), { maxLength: 4 }), async (sessions) => {
        const folder = newFolder();
        for (const ids of sessions) await filled(folder, ids);
        const last = new Map(sessions.flat().map((one) => [`${one.index}/${one.slot}`, one]));
        const store = new FeatureFiles(folder, options);
        for (const one of last.values()) await expectThere(store, one);
        expect(store.size).toBe(last.size);
        await store.close();
      }),
      { numRuns: 25 },
    );
  });

  test('garbage in the journal is no entry', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const folder = newFolder();
        await mkdir(folder);
        await writeFile(join(folder, JOURNAL), bytes);
        const store = new FeatureFiles(folder, options);
        expect(store.size).toBe(0);
        await store.close();
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, (features: Buffer) => Buffer]>([
    ['cut off', (features) => features.subarray(0, 4 * ELEMENTS * 2 + 1)],
    [
      'changed in one bit',
      (features) => features.fill(features[4 * ELEMENTS * 2] ^ 64, 4 * ELEMENTS * 2, 4 * ELEMENTS * 2 + 1),
    ],
  ])(
    'features that are %s are no entry any more, which is said, and can be written again',
    async (_, damage) => {
      const folder = newFolder();
      await filled(folder, first);
      const file = join(folder, FEATURES);
      await writeFile(file, damage(await readFile(file)));
      const said: string[] = [];
      const store = new FeatureFiles(folder, { ...options, onDamaged: (text) => said.push(text) });
      const [id, whole] = [first[4], first[3]];
      expect([store.has(id), await store.read(id, [new Uint16Array(ELEMENTS)])]).toEqual([true, undefined]);
      expect(said).toEqual([`${file}: the entry of image 4, variant 0 is damaged; it is made again`]);
      await expectThere(store, whole);
      expect(store.has(id)).toBe(false);
      await store.write(id, entryOf(id));
      await expectThere(store, id);
      await store.close();
      const again = new FeatureFiles(folder, options);
      for (const one of first) await expectThere(again, one);
      await again.close();
    },
  );
});

describe('the folder', () => {
  test('belongs to one store at a time', async () => {
    const folder = newFolder();
    const store = new FeatureFiles(folder, options);
    expect(() => new FeatureFiles(folder, options)).toThrow(TrainingError);
    await store.close();
  });

  test('of others goes when there is no room, the one written longest ago first', async () => {
    const parent = newFolder();
    const keys = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
    for (const key of keys) {
      await filled(join(parent, key), first);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await filled(join(parent, 'mine'), first);
    const bytes = 5 * ELEMENTS * 2;
    const inUse = new FeatureFiles(join(parent, keys[0]), options);
    makeRoom(parent, keys[3], 1.5 * bytes);
    await inUse.close();
    const left = await Promise.all(
      [...keys, 'mine'].map((key) =>
        readFile(join(parent, key, JOURNAL)).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(left).toEqual([true, false, true, true, true]);
  });
});
