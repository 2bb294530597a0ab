/** Pictures of a project, with their files. */
import { PageError } from '../errors/page-error.js';
import { keysOf, library } from './database.js';
import type { Picture } from './types.js';

export interface NewPicture {
  readonly picture: Omit<Picture, 'id' | 'project'>;
  readonly file: Blob;
  readonly thumbnail: Blob;
}

/** In the order of their numbers. */
export async function listPictures(project: string): Promise<Picture[]> {
  return (await library()).getAll('pictures', keysOf(project));
}

/** Adds pictures behind those that are there, as one step. */
export async function addPictures(project: string, added: readonly NewPicture[]): Promise<Picture[]> {
  const tx = (await library()).transaction(['pictures', 'files', 'thumbnails'], 'readwrite');
  const last = await tx.objectStore('pictures').openKeyCursor(keysOf(project), 'prev');
  let id = last ? last.key[1] + 1 : 1;
  const pictures: Picture[] = [];
  for (const { picture, file, thumbnail } of added) {
    const one = { ...picture, project, id };
    pictures.push(one);
    void tx.objectStore('pictures').put(one);
    void tx.objectStore('files').put(file, [project, id]);
    void tx.objectStore('thumbnails').put(thumbnail, [project, id]);
    id++;
  }
  await tx.done;
  return pictures;
}

/** Saves labels, as one step. */
export async function savePictures(pictures: readonly Picture[]): Promise<void> {
  const tx = (await library()).transaction('pictures', 'readwrite');
  for (const picture of pictures) void tx.store.put(picture);
  await tx.done;
}

export async function deletePictures(pictures: readonly Picture[]): Promise<void> {
  const stores = ['pictures', 'files', 'thumbnails'] as const;
  const tx = (await library()).transaction(stores, 'readwrite');
  for (const { project, id } of pictures)
    for (const store of stores) void tx.objectStore(store).delete([project, id]);
  await tx.done;
}

/** @throws Error where the file is gone */
export async function fileOf({ project, id, path }: Picture): Promise<Blob> {
  const file = await (await library()).get('files', [project, id]);
  if (!file) throw new PageError('PAGE_PICTURE_GONE', path);
  return file;
}

export async function thumbnailOf({ project, id }: Picture): Promise<Blob | undefined> {
  return (await library()).get('thumbnails', [project, id]);
}
