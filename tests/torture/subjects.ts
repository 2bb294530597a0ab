/** What is killed: commands with their ways to go on, and the files that have to be the same in the end. */

import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { TOY_ARCHITECTURE } from '@froyolo/yolo/testing';

type Arguments = readonly (string | number)[];

export interface Subject {
  readonly name: string;
  readonly start: Arguments;
  /** The command that goes on after a kill. @param folder in which it was started */
  goOn(folder: string): Arguments;
  /** Whether a command that goes on failed because nothing was left to do. */
  isDone(stderr: string): boolean;
  /** Files of the outcome, relative to the folder. */
  outcome(folder: string): Promise<string[]>;
}

/** Opening a session takes most of a short training: the fewer layers, the more trials. */
const CFG = 'toy.yaml';
const MODEL = ['--weights', '', '--cfg', CFG, '--noautoanchor', '--imgsz', 64];
const PACE = ['--epochs', 2, '--batch-size', 4, '--workers', 0, '--threads', 1];
const TRAIN = ['--data', 'data/data.yaml', ...MODEL, ...PACE];

function training(name: string, ...more: Arguments): Subject {
  const start = ['train', ...TRAIN, ...more, '--noplots', '--name', 'run', '--exist-ok'];
  const run = 'runs/train/run';
  const last = join(run, 'weights/last.safetensors');
  return {
    name,
    start,
    goOn: (folder) => (existsSync(join(folder, last)) ? ['train', '--resume', last] : start),
    isDone: (stderr) => stderr.includes('the run is finished'),
    outcome: async () => [
      ...['args.yaml', 'hyp.yaml', 'results.csv'].map((file) => join(run, file)),
      ...[last, join(run, 'weights/best.safetensors')],
    ],
  };
}

const conversion: Subject = {
  name: 'conversion',
  start: ['data', 'convert', 'coco', '--out', 'out'],
  goOn: () => conversion.start,
  isDone: (stderr) => stderr.includes('out: holds'),
  outcome: async (folder) => (await filesIn(join(folder, 'out'))).map((file) => join('out', file)),
};

const STUDY = 'runs/compare/study';
const FREEZES = ['0', '3'];

const study: Subject = {
  name: 'study',
  start: ['compare', ...TRAIN, '--freeze', ...FREEZES, '--name', 'study', '--exist-ok'],
  goOn: (folder) =>
    existsSync(join(folder, STUDY, 'study.json')) ? ['compare', '--resume', STUDY] : study.start,
  // One that is done writes its report again.
  isDone: () => false,
  outcome: async () => [
    join(STUDY, 'study.json'),
    ...FREEZES.flatMap((freeze) => {
      const run = join(STUDY, `freeze-${freeze}-seed-0`);
      const files = ['args.yaml', 'hyp.yaml', 'results.csv', 'weights/last.safetensors'];
      return [...files, 'weights/best.safetensors'].map((file) => join(run, file));
    }),
  ],
};

export const TRAINING = training('run');
export const CACHING = training('cache fill', '--freeze', 3, '--cache', 'features', '--cache-variants', 2);

export const SUBJECTS: readonly Subject[] = [TRAINING, CACHING, study, conversion];

/** A folder with what the subjects read; each trial works in a copy. */
export async function prepareInputs(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'froyolo-torture-'));
  const data = join(folder, 'data');
  const yaml = await generateShapes({ out: data, classes: DEMO_CLASSES, train: 8, val: 4, imgsz: 64 });
  await writeFile(join(folder, CFG), TOY_ARCHITECTURE);
  // The copies read their own images.
  await writeFile(yaml, (await readFile(yaml, 'utf8')).replace(/^path: .*$/m, 'path: .'));
  await mkdir(join(folder, 'coco'));
  await cp(join(data, 'images/train'), join(folder, 'coco/images'), { recursive: true });
  const names = (await readdir(join(folder, 'coco/images'))).sort();
  const annotations = names.map((_, i) => ({ id: i, image_id: i, category_id: 0, bbox: [i, 5, 20, 30] }));
  const images = names.map((file_name, id) => ({ id, file_name, width: 64, height: 64 }));
  const categories = [{ id: 0, name: 'shape' }];
  await writeFile(join(folder, 'coco/annotations.json'), JSON.stringify({ images, annotations, categories }));
  return folder;
}

/** Calls `use` with a copy of the inputs. */
export async function inCopy<T>(inputs: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'froyolo-trial-'));
  try {
    await cp(inputs, folder, { recursive: true });
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Paths of all files below a folder, in order. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The files of an outcome with their bytes; the place of the trial itself is taken out. */
export async function outcomeOf(subject: Subject, folder: string): Promise<Map<string, string>> {
  const paths = await subject.outcome(folder);
  const contents = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(folder, path)).catch(() => Buffer.from('missing'));
      return [path, bytes.toString('latin1').replaceAll(folder, '')] as const;
    }),
  );
  return new Map(contents);
}
