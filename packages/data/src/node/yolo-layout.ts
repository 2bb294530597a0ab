/** Datasets in YOLO's layout: images/SPLIT, labels/SPLIT, data.yaml. */
import { copyFile, link, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { makeFolder, writeAtomic } from '@froyolo/common/node';
import { stringify } from 'yaml';

/** What a folder in this layout holds at its top. */
export const LAYOUT_ENTRIES = ['images', 'labels', 'data.yaml'];

/** Puts an image and the text of its label file under `out`, both called `name`. */
export async function writeItem(
  out: string,
  split: string,
  image: string,
  name: string,
  labels: string,
): Promise<void> {
  await placeImage(image, join(out, 'images', split, `${name}${extname(image)}`));
  await writeAtomic(join(out, 'labels', split, `${name}.txt`), labels);
}

/**
 * Writes data.yaml; returns its path.
 * @param folders the folder under `images` of each split
 */
export async function writeDataYaml(
  out: string,
  folders: Readonly<Record<string, string>>,
  names: readonly string[],
): Promise<string> {
  const file = join(out, 'data.yaml');
  const entries = Object.fromEntries(
    Object.entries(folders).map(([split, folder]) => [split, `images/${folder}`]),
  );
  // A map keeps its keys numbers: YOLOv5 refuses quoted ones.
  await writeAtomic(file, stringify({ path: '.', ...entries, names: new Map(names.entries()) }));
  return file;
}

/**
 * Names without extension that are unique among `paths`, even on a file system that ignores case: the file's own name, with
 * its folders before it (`cam1_0001`) if several files share it.
 */
export function uniqueNames(paths: readonly string[]): string[] {
  const own = (path: string) => basename(path, extname(path));
  const counts = new Map<string, number>();
  for (const path of paths)
    counts.set(own(path).toLowerCase(), (counts.get(own(path).toLowerCase()) ?? 0) + 1);
  const taken = new Set<string>();
  return paths.map((path) => {
    const isShared = (counts.get(own(path).toLowerCase()) ?? 0) > 1;
    const folder = basename(dirname(path));
    const base = isShared && folder !== '' && folder !== '.' ? `${folder}_${own(path)}` : own(path);
    let name = base;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

async function placeImage(from: string, to: string): Promise<void> {
  makeFolder(dirname(to));
  // A hard link to a symbolic link is a symbolic link too, and would lead nowhere from its new place.
  const real = await realpath(from);
  // A hard link costs no space; across file systems there is none.
  await link(real, to).catch(() => copyFile(real, to));
}
