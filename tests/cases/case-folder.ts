/** Small datasets that tests write: what a case of a user's data looks like. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeImage } from '@froyolo/data/node';

/** Stands for a JPEG of 320x240 pixels. */
export const PICTURE = { kind: 'picture' } as const;

/** A picture whose pixels depend on `seed`. */
export async function picture(width = 320, height = 240, seed = 0, format: 'jpg' | 'png' = 'jpg') {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * (seed + 3) + (i >> 8)) & 255);
  return encodeImage({ width, height, data }, format);
}

/** Writes files, by path, into a new folder. @returns its path */
export async function caseFolder(
  files: Readonly<Record<string, string | Uint8Array | typeof PICTURE>>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-case-'));
  let seed = 0;
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    const isPicture = typeof content === 'object' && 'kind' in content;
    await writeFile(file, isPicture ? await picture(320, 240, seed++) : content);
  }
  return root;
}

/** The box that most cases label: pixels 80,60 to 192,144 of 320x240. */
export const BOX = [80, 60, 112, 84];
export const BOX_ROW = '0.425000 0.425000 0.350000 0.350000';

/** A COCO file of one image and one object, parts replaced. */
export function coco(parts: {
  images?: readonly object[];
  annotations?: readonly object[];
  categories?: readonly object[];
}): string {
  return JSON.stringify({
    images: [{ id: 1, file_name: 'a.jpg', width: 320, height: 240 }],
    annotations: [annotation()],
    categories: [{ id: 1, name: 'cat' }],
    ...parts,
  });
}

export function annotation(fields: object = {}): object {
  return { id: 1, image_id: 1, category_id: 1, bbox: BOX, iscrowd: 0, segmentation: [], ...fields };
}

/** A VOC annotation with these objects. */
export function voc(...objects: readonly string[]): string {
  return `<annotation><filename>a.jpg</filename><size><width>320</width><height>240</height></size>${objects.join('')}</annotation>`;
}

/** An object of a VOC annotation whose edges are those of `BOX`, counted from 1. */
export function vocObject(
  name: string,
  [xmin, ymin, xmax, ymax]: readonly (number | string)[] = [81, 61, 193, 145],
) {
  return `<object><name>${name}</name><difficult>0</difficult><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`;
}

/** The lines of a file without the last, empty one. */
export async function linesIn(...path: string[]): Promise<string[]> {
  return (await readFile(join(...path), 'utf8'))
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '');
}
