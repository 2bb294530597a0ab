/** Files of the visitor: pictures with and without labels, checkpoints, whole projects. */
import type { SourceFile } from '@froyolo/data/browser';
import { proxy } from 'comlink';
import type { Imported } from '../importing/api.js';
import { deletePictures } from '../library/pictures.js';
import { createProject } from '../library/projects.js';
import type { Picture, Project } from '../library/types.js';
import { saveWeights } from '../library/weights.js';
import { texts } from '../texts/index.js';
import { during, progress } from './busy.js';
import { change, currentId, forgetChanges } from './labels.js';
import { show } from './messages.js';
import { changeProject, opened, openProject, pictures, weights } from './project.js';
import { importer, trainer } from './workers.js';

/** What was opened, whatever it is: pictures, labels, zips, a checkpoint. */
export async function openFiles(files: readonly SourceFile[]): Promise<void> {
  const checkpoint = files.find(({ path }) => /\.(pt|safetensors)$/i.test(path));
  const rest = files.filter((file) => file !== checkpoint);
  if (checkpoint) await openWeights(checkpoint.blob, baseName(checkpoint.path));
  const zips = rest.filter(({ path }) => /\.zip$/i.test(path));
  for (const { path, blob } of zips) await add((its) => importer().addZip(its, blob, path, proxy(progress)));
  const others = rest.filter((file) => !zips.includes(file));
  if (others.length > 0) await addOffered(others);
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Frames of a camera or a video. */
export async function addFrames(frames: readonly SourceFile[]): Promise<void> {
  await addOffered(frames);
}

/** Number of files that the page passes on at once. */
const PART = 32;

async function addOffered(files: readonly SourceFile[]): Promise<void> {
  await add(async (project) => {
    for (let at = 0; at < files.length; at += PART) await importer().offer(files.slice(at, at + PART), at);
    return importer().addFiles(project, proxy(progress));
  });
}

async function add(read: (project: Project) => Promise<Imported>): Promise<void> {
  await during('reading', async () => {
    const imported = await read(opened());
    const { pictures: added, labeled, classes } = imported;
    if (added.length > 0) {
      await changeProject({ classes });
      pictures.value = [...pictures.value, ...added];
      currentId.value = added.find(({ done }) => !done)?.id ?? added[0]?.id;
    }
    if (labeled.length > 0) change(labeled, classes);
    report(imported);
  });
}

/** Reports what was added and what wasn't, so that no missing picture goes unnoticed. */
function report({ pictures: added, labeled, noLabels, notes, warnings }: Imported): void {
  const { opening } = texts.value;
  const done = added.filter((picture) => picture.done).length;
  const facts = [
    ...(added.length > 0 ? [opening.added(added.length, done, boxesIn(added))] : []),
    ...(labeled.length > 0 ? [opening.labeled(labeled.length, boxesIn(labeled))] : []),
    ...(noLabels === undefined ? [] : [opening.noLabels(noLabels)]),
  ];
  show({ kind: 'done', text: [...facts, ...notes].join(' ') });
  if (warnings.length > 0)
    show({ kind: 'warning', text: opening.warnings(warnings.length), lines: warnings });
}

const boxesIn = (some: readonly Picture[]) => some.reduce((sum, { boxes }) => sum + boxes.length, 0);

/** Opens a checkpoint, which trainings of the project start from. */
export async function openWeights(file: Blob, name: string): Promise<void> {
  await during('opening', async () => {
    const found = { ...(await trainer().inspect(file, name)), opened: Date.now() };
    await saveWeights(found);
    await useWeights(found);
  });
}

export async function useWeights(found: NonNullable<typeof weights.value>): Promise<void> {
  await changeProject({ weights: found.id });
  weights.value = found;
}

/** A project with the demo's pictures and checkpoint. */
export async function openShapes(name: string): Promise<Project | undefined> {
  return during('reading', async () => {
    const made = await createProject(name);
    await openProject(made.id);
    const { pictures: added, classes } = await importer().addShapes(made, proxy(progress));
    const file = await importer().shapesCheckpoint();
    const found = { ...(await trainer().inspect(file, 'shapes.safetensors')), opened: Date.now() };
    await saveWeights(found);
    await changeProject({
      classes,
      weights: found.id,
      training: {
        ...opened().training,
        length: { by: 'epochs', epochs: 20 },
        imgsz: 160,
        freeze: '10',
        more: { hyp: 'demo' },
      },
    });
    weights.value = found;
    pictures.value = added;
    return opened();
  });
}

export async function removePictures(chosen: readonly Picture[]): Promise<void> {
  const ids = new Set(chosen.map(({ id }) => id));
  pictures.value = pictures.value.filter(({ id }) => !ids.has(id));
  if (currentId.value !== undefined && ids.has(currentId.value)) currentId.value = pictures.value[0]?.id;
  forgetChanges();
  await deletePictures(chosen);
}
