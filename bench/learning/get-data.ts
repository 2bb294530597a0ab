/** Small public datasets: fetched at a pinned commit, checked, converted. They are not part of this repository. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { convertDataset } from '@froyolo/data/node';
import { makeFrequent, makeShapes } from './made-sets.js';

interface PublicSet {
  readonly name: string;
  readonly repository: string;
  readonly commit: string;
  /** Folders that hold images and annotations. */
  readonly folders: readonly string[];
  /** SHA-256 of the names and contents of all files in them. */
  readonly sha256: string;
  readonly about: string;
}

const PUBLIC_SETS: readonly PublicSet[] = [
  {
    name: 'kangaroo',
    repository: 'https://github.com/experiencor/kangaroo',
    commit: '882bbbd75ba49cb8cf9393e06d88ebaec293af32',
    folders: ['images', 'annots'],
    sha256: '7c8f107c7019bc17293ee3795031332cb448ffa026535a76124c8c33a428192f',
    about: '164 photographs, one class',
  },
  {
    name: 'cards',
    repository:
      'https://github.com/EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-Windows-10',
    commit: 'c1645825822622fc75919b6be253779d49678f55',
    folders: ['images/train', 'images/test'],
    sha256: 'bb8eed94768b9b7e4c9f40f9a6fc7b4eb028868d997fa2be5951be468241cbfe',
    about: '363 photographs of playing cards, six classes',
  },
];

/**
 * Fetches a set and converts it, or makes it: `shapes`, or `coco128` with its five most frequent classes.
 * @param from a copy of its repository to fetch from instead; a dataset YAML instead of `coco128.yaml`
 * @returns the dataset YAML
 * @throws Error if the files are others than expected
 */
export async function getData(name: string, folder: string, from?: string): Promise<string> {
  if (name === 'shapes') return makeShapes(join(folder, name));
  if (name === 'coco128') return makeFrequent(join(folder, name), from ?? 'coco128.yaml');
  const set = PUBLIC_SETS.find((one) => one.name === name);
  if (!set)
    throw new Error(
      `"${name}" is not one of shapes, coco128, ${PUBLIC_SETS.map((one) => one.name).join(', ')}`,
    );
  const out = join(folder, name);
  const yaml = join(out, 'data.yaml');
  if (existsSync(yaml)) return yaml;
  const source = join(folder, `${name}.source`);
  checkOut(set, source, from ?? set.repository);
  const digest = digestOf(source);
  if (digest !== set.sha256)
    throw new Error(`${name}: the files' SHA-256 is ${digest}, expected ${set.sha256}`);
  await convertDataset({ source, out });
  rmSync(source, { recursive: true });
  return yaml;
}

/** Only the set's folders of the pinned commit, without what git itself keeps. */
function checkOut({ commit, folders }: PublicSet, target: string, from: string): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'gc.auto=0', ...args], {
      cwd: target,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  git('init', '--quiet');
  // Files outside the folders are not fetched.
  git('remote', 'add', 'origin', from);
  git('fetch', '--quiet', '--depth', '1', '--filter=blob:none', 'origin', commit);
  git('checkout', '--quiet', commit, '--', ...folders);
  rmSync(join(target, '.git'), { recursive: true });
}

/** SHA-256 over the sorted names and contents of a folder's files. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of filesIn(folder).sort()) {
    const bytes = readFileSync(join(folder, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function filesIn(folder: string, root = folder): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path, root) : [relative(root, path).replaceAll('\\', '/')];
  });
}
