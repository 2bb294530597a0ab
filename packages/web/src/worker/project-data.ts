/** The labeled pictures of a project as datasets. */

import type { DatasetImage } from '@froyolo/data';
import type { BrowserDataset, OpenedDatasets } from '@froyolo/data/browser';
import { PageError } from '../errors/page-error.js';
import { fileOf, listPictures } from '../library/pictures.js';
import type { Picture, Project, Split } from '../library/types.js';

/**
 * Where none is held out, those to train on are to validate on too.
 * @throws PageError where nothing is labeled, or nothing to train on
 */
export async function datasetsOf(project: Project): Promise<OpenedDatasets> {
  const done = (await listPictures(project.id)).filter((picture) => picture.done);
  const boxes = done.reduce((sum, picture) => sum + picture.boxes.length, 0);
  if (boxes === 0) throw new PageError('PAGE_NO_BOXES');
  const ofSplit = (split: Split) => done.filter((picture) => picture.split === split);
  const [train, val] = [ofSplit('train'), ofSplit('val')];
  if (!train.some((picture) => picture.boxes.length > 0)) throw new PageError('PAGE_NONE_TO_TRAIN');
  const trained = await datasetOf(project, train, 'train');
  return {
    train: trained,
    val: val.length > 0 ? await datasetOf(project, val, 'val') : { ...trained, split: 'val' },
    notes: [],
  };
}

async function datasetOf(
  { classes }: Project,
  pictures: readonly Picture[],
  split: Split,
): Promise<BrowserDataset> {
  const files = new Map<string, Blob>();
  for (const picture of pictures) files.set(picture.path, await fileOf(picture));
  return {
    split,
    files,
    images: pictures.map(imageOf),
    names: classes.map(({ name }) => name),
    warnings: [],
    counts: { missing: 0, empty: pictures.filter(({ boxes }) => boxes.length === 0).length, corrupt: 0 },
  };
}

function imageOf({ path, width, height, boxes }: Picture): DatasetImage {
  const rows = boxes.flatMap(({ classId, box: [x1, y1, x2, y2] }) => [
    classId,
    (x1 + x2) / 2 / width,
    (y1 + y2) / 2 / height,
    (x2 - x1) / width,
    (y2 - y1) / height,
  ]);
  return { path, width, height, labels: Float32Array.from(rows) };
}
