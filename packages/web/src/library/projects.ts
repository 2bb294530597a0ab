/** Projects as a whole: made, listed, copied, removed. */
import type { IDBPObjectStore, StoreNames } from 'idb';
import { keysOf, type LibrarySchema, library, OF_PROJECT } from './database.js';
import { deleteFeatures } from './feature-folder.js';
import { FIRST_CHOICE, type Project, type ProjectClass } from './types.js';

export interface ProjectSummary {
  readonly project: Project;
  readonly pictures: number;
  readonly done: number;
  readonly boxes: number;
  /** Bytes of its pictures and checkpoints. */
  readonly bytes: number;
  readonly thumbnail?: Blob;
}

export async function createProject(name: string, classes: readonly ProjectClass[] = []): Promise<Project> {
  const now = Date.now();
  const project = {
    id: crypto.randomUUID(),
    name,
    classes,
    created: now,
    modified: now,
    training: FIRST_CHOICE,
  };
  await (await library()).put('projects', project);
  return project;
}

export async function saveProject(project: Project): Promise<void> {
  await (await library()).put('projects', project);
}

export async function readProject(id: string): Promise<Project | undefined> {
  return (await library()).get('projects', id);
}

/** All projects, the last changed one first. */
export async function listProjects(): Promise<ProjectSummary[]> {
  const projects = await (await library()).getAll('projects');
  const summaries = await Promise.all(projects.map(summaryOf));
  return summaries.sort((a, b) => b.project.modified - a.project.modified);
}

async function summaryOf(project: Project): Promise<ProjectSummary> {
  const db = await library();
  const keys = keysOf(project.id);
  const [pictures, files, checkpoints, first] = await Promise.all([
    db.getAll('pictures', keys),
    db.getAll('files', keys),
    db.getAll('checkpoints', keys),
    db.transaction('thumbnails').store.openCursor(keys),
  ]);
  return {
    project,
    pictures: pictures.length,
    done: pictures.filter(({ done }) => done).length,
    boxes: pictures.reduce((sum, { boxes }) => sum + boxes.length, 0),
    bytes: [...files, ...checkpoints].reduce((sum, { size }) => sum + size, 0),
    ...(first ? { thumbnail: first.value } : {}),
  };
}

/** Copies a project and everything that belongs to it, in one step. */
export async function duplicateProject(project: Project, name: string): Promise<Project> {
  const copy = { ...project, id: crypto.randomUUID(), name, created: Date.now(), modified: Date.now() };
  const tx = (await library()).transaction(['projects', ...OF_PROJECT], 'readwrite');
  await tx.objectStore('projects').put(copy);
  for (const store of ['pictures', 'runs'] as const) await copyRecords(tx.objectStore(store), project, copy);
  for (const store of ['files', 'thumbnails', 'checkpoints'] as const)
    await copyBlobs(tx.objectStore(store), project, copy);
  await tx.done;
  return copy;
}

type StoreOf<S extends StoreNames<LibrarySchema>> = IDBPObjectStore<
  LibrarySchema,
  ('projects' | (typeof OF_PROJECT)[number])[],
  S,
  'readwrite'
>;

async function copyRecords<S extends 'pictures' | 'runs'>(store: StoreOf<S>, from: Project, to: Project) {
  for (const record of await store.getAll(keysOf(from.id))) await store.put({ ...record, project: to.id });
}

async function copyBlobs<S extends 'files' | 'thumbnails' | 'checkpoints'>(
  store: StoreOf<S>,
  from: Project,
  to: Project,
) {
  for (const key of await store.getAllKeys(keysOf(from.id))) {
    const blob = await store.get(key);
    if (blob) await store.put(blob, [to.id, key[1]] as typeof key);
  }
}

/** Removes a project and everything that belongs to it, in one step. */
export async function deleteProject(id: string): Promise<void> {
  const tx = (await library()).transaction(['projects', ...OF_PROJECT], 'readwrite');
  for (const store of OF_PROJECT) await tx.objectStore(store).delete(keysOf(id));
  await tx.objectStore('projects').delete(id);
  await tx.done;
  await deleteFeatures(id);
}
