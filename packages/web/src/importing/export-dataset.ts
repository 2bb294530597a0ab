/** Labeled pictures as a zip that other programs read. */

import { zipSync } from 'fflate';
import { PageError } from '../errors/page-error.js';
import { fileOf, listPictures } from '../library/pictures.js';
import type { Picture, Project } from '../library/types.js';
import type { DatasetFormat } from './api.js';
import { cocoFiles, vocFiles, yoloFiles } from './formats.js';

const WRITERS = { yolo: yoloFiles, voc: vocFiles, coco: cocoFiles };

/** @throws Error where no picture has its labels complete */
export async function exportDataset(project: Project, format: DatasetFormat): Promise<Blob> {
  const done = (await listPictures(project.id)).filter((picture) => picture.done);
  if (done.length === 0) throw new PageError('PAGE_NO_LABELS');
  const named = withFileNames(done);
  const texts = WRITERS[format](
    project.classes.map(({ name }) => name),
    named,
  );
  const files: Record<string, Uint8Array> = {};
  for (const [path, text] of Object.entries(texts)) files[path] = new TextEncoder().encode(text);
  for (const { picture, image } of named)
    files[image] = new Uint8Array(await (await fileOf(picture)).arrayBuffer());
  // Stored as they are: pictures are already compressed.
  return new Blob([zipSync(files, { level: 0 }).slice()], { type: 'application/zip' });
}

/** The path of each picture in the zip, unique even if folders that were opened together share file names. */
function withFileNames(pictures: readonly Picture[]) {
  const taken = new Set<string>();
  return pictures.map((picture) => {
    const file = picture.path.slice(picture.path.lastIndexOf('/') + 1);
    let stem = file.replace(/\.[^.]+$/, '');
    const extension = file.slice(stem.length);
    for (let n = 2; taken.has(stem); n++) stem = `${file.replace(/\.[^.]+$/, '')}-${n}`;
    taken.add(stem);
    return { picture, stem, image: `images/${picture.split}/${stem}${extension}` };
  });
}
