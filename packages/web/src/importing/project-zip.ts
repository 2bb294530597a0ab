/** A project as one zip, and back. */

import { IN_WORDS, reasonOf } from '@froyolo/errors';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { PageError } from '../errors/page-error.js';
import { library, OF_PROJECT } from '../library/database.js';
import { listPictures } from '../library/pictures.js';
import { listRuns } from '../library/runs.js';
import { FIRST_CHOICE, type OpenedWeights, type Picture, type Project, type Run } from '../library/types.js';
import { readWeights } from '../library/weights.js';
import type { OnProgress } from './api.js';
import { thumbnailOf } from './thumbnail.js';

const MANIFEST = 'froyolo-project.json';
const FORMAT = 1;

/** Checks the parts that a foreign file could get wrong; the rest is taken as it is. */
const manifestSchema = z.looseObject({
  format: z.literal(FORMAT),
  project: z.looseObject({
    name: z.string().max(200),
    classes: z.array(z.object({ name: z.string(), color: z.string().regex(/^#[0-9a-f]{6}$/i) })).max(10_000),
  }),
  pictures: z.array(
    z.looseObject({
      id: z.int().positive(),
      path: z.string(),
      width: z.int().positive(),
      height: z.int().positive(),
      split: z.enum(['train', 'val']),
      done: z.boolean(),
      boxes: z.array(
        z.object({
          classId: z.int().nonnegative(),
          box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        }),
      ),
    }),
  ),
});

interface Manifest {
  readonly format: typeof FORMAT;
  readonly project: Project;
  readonly pictures: readonly Picture[];
  readonly runs: readonly Run[];
  readonly weights?: Omit<OpenedWeights, 'file'>;
}

export async function exportProject(project: Project, onProgress: OnProgress): Promise<Blob> {
  const db = await library();
  const [pictures, runs] = [await listPictures(project.id), await listRuns(project.id)];
  const opened = project.weights === undefined ? undefined : await readWeights(project.weights);
  const files: Record<string, Uint8Array> = {};
  for (const [i, { id }] of pictures.entries()) {
    const file = await db.get('files', [project.id, id]);
    if (file) files[`pictures/${id}`] = await bytesOf(file);
    onProgress(i + 1, pictures.length);
  }
  for (const which of ['best', 'last'] as const) {
    const file = await db.get('checkpoints', [project.id, which]);
    if (file) files[`${which}.safetensors`] = await bytesOf(file);
  }
  const { file, ...weights } = opened ?? {};
  if (file) files.weights = await bytesOf(file);
  const manifest = { format: FORMAT, project, pictures, runs, ...(opened ? { weights } : {}) };
  files[MANIFEST] = strToU8(JSON.stringify(manifest));
  return new Blob([zipSync(files, { level: 0 }).slice()], { type: 'application/zip' });
}

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

export async function importProject(zip: Blob, onProgress: OnProgress): Promise<Project> {
  const files = unzipped(await bytesOf(zip));
  const manifest = manifestIn(files[MANIFEST]);
  const id = crypto.randomUUID();
  const thumbnails = new Map<number, Blob>();
  for (const [i, picture] of manifest.pictures.entries()) {
    const file = files[`pictures/${picture.id}`];
    if (!file) throw new PageError('PAGE_PICTURE_MISSING', picture.path);
    thumbnails.set(picture.id, await thumbnailOf(blobOf(file), picture));
    onProgress(i + 1, manifest.pictures.length);
  }
  const project = { ...manifest.project, id, modified: Date.now() };
  await write(project, manifest, files, thumbnails);
  return project;
}

const blobOf = (bytes: Uint8Array) => new Blob([bytes.slice()]);

function unzipped(bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (error) {
    throw new PageError('PAGE_NO_ZIP', reasonOf(error));
  }
}

/** @throws Error where it isn't the manifest of a project */
function manifestIn(bytes: Uint8Array | undefined): Manifest {
  if (!bytes) throw new PageError('PAGE_NO_MANIFEST', MANIFEST);
  const found: unknown = JSON.parse(strFromU8(bytes));
  const checked = manifestSchema.safeParse(found, IN_WORDS);
  if (!checked.success) throw new PageError('PAGE_BROKEN_PROJECT', checked.error.issues[0]?.message);
  const { project, runs = [], ...rest } = found as Manifest;
  return { ...rest, runs, project: { ...project, training: { ...FIRST_CHOICE, ...project.training } } };
}

/** Saves everything in one step: a project is imported as a whole or not at all. */
async function write(
  project: Project,
  { pictures, runs, weights }: Manifest,
  files: Readonly<Record<string, Uint8Array>>,
  thumbnails: ReadonlyMap<number, Blob>,
): Promise<void> {
  const tx = (await library()).transaction(['projects', 'weights', ...OF_PROJECT], 'readwrite');
  for (const picture of pictures) {
    void tx.objectStore('pictures').put({ ...picture, project: project.id });
    void tx.objectStore('files').put(blobOf(files[`pictures/${picture.id}`]), [project.id, picture.id]);
    const thumbnail = thumbnails.get(picture.id);
    if (thumbnail) void tx.objectStore('thumbnails').put(thumbnail, [project.id, picture.id]);
  }
  for (const run of runs) void tx.objectStore('runs').put({ ...run, project: project.id });
  for (const which of ['best', 'last'] as const) {
    const bytes = files[`${which}.safetensors`];
    if (bytes) void tx.objectStore('checkpoints').put(blobOf(bytes), [project.id, which]);
  }
  if (weights && files.weights)
    void tx.objectStore('weights').put({ ...weights, file: blobOf(files.weights) });
  void tx.objectStore('projects').put(project);
  await tx.done;
}
