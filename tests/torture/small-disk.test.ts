/**
 * A disk that is really full, at several sizes: TORTURE_DISKS of each subject, here one of the fastest. What the process
 * itself can't inject: blocks that end in the middle of a write.
 */
import { cp, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { froyolo, IS_BUILT } from '../cli/froyolo.js';
import { eachTrial } from './report.js';
import { noSmallDisk, onSmallDisk } from './small-disk.js';
import { prepareInputs, SUBJECTS, type Subject } from './subjects.js';
import { fullDiskProblems, problemsGoingOn, type Reference, referenceOf } from './trials.js';

const { TORTURE_DISKS } = process.env;
const disks = Number(TORTURE_DISKS ?? 1);
const subjects = SUBJECTS.filter(({ name }) => TORTURE_DISKS !== undefined || name === 'conversion');
const HOURS = 5 * 3600_000;
/** Bytes that fit beyond the inputs on the smallest disk: its first folder, and no more. */
const LEAST = 2 ** 13;

const missing = IS_BUILT ? await noSmallDisk() : 'not built; run npm test or pnpm build';
const reason = missing === '' ? '' : ` (skipped: ${missing})`;

describe.skipIf(missing !== '')(`a disk that is full${reason}`, () => {
  let inputs = '';
  beforeAll(async () => {
    inputs = await prepareInputs();
  });
  afterAll(() => rm(inputs, { recursive: true, force: true }));

  /** Bytes that the inputs take, and what is taken in the end. */
  const needs = (subject: Subject) =>
    onSmallDisk(async ({ folder, taken }) => {
      await cp(inputs, folder, { recursive: true });
      const before = taken();
      await froyolo(folder, subject.start);
      return { before, after: taken() };
    });

  const trial = (subject: Subject, reference: Reference, bytes: number) =>
    onSmallDisk(async ({ folder, grow }) => {
      await cp(inputs, folder, { recursive: true });
      const first = await froyolo(folder, subject.start);
      grow();
      const problems = [...fullDiskProblems(first), ...(await problemsGoingOn(folder, subject, reference))];
      const fits = first.status === 0 ? ['all of it fits'] : [];
      return [...problems, ...fits].map((text) => `${bytes} bytes: ${text}`);
    }, bytes);

  test.each(subjects.map((subject) => [subject.name, subject] as const))(
    '%s tells it, and goes on when there is room',
    { timeout: HOURS },
    async (_, subject) => {
      const reference = await referenceOf(inputs, subject);
      const { before, after } = await needs(subject);
      const step = (after - before - LEAST) / disks;
      const problems = await eachTrial({ what: 'small disk', subject: subject.name }, disks, (i) =>
        trial(subject, reference, Math.floor(before + LEAST + (disks === 1 ? 0.5 : i) * step)),
      );
      expect(problems).toEqual([]);
    },
  );
});
