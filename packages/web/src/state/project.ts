/** The open project, as it is saved. */

import { batch, computed, signal } from '@preact/signals';
import { PageError } from '../errors/page-error.js';
import { listPictures } from '../library/pictures.js';
import { readProject, saveProject } from '../library/projects.js';
import { keptOf, listRuns } from '../library/runs.js';
import type { Kept, OpenedWeights, Picture, Project, Run } from '../library/types.js';
import { readWeights } from '../library/weights.js';
import { releaseProject, takeProject } from './project-lock.js';
import { saving } from './saving.js';
import { meanProject } from './workers.js';

export const project = signal<Project | undefined>(undefined);
export const pictures = signal<readonly Picture[]>([]);
export const runs = signal<readonly Run[]>([]);
/** Weights of the last training that there are. */
export const kept = signal<readonly Kept[]>([]);
/** The checkpoint that trainings start from. */
export const weights = signal<OpenedWeights | undefined>(undefined);

export const done = computed(() => pictures.value.filter((picture) => picture.done));
export const boxCount = computed(() => done.value.reduce((sum, { boxes }) => sum + boxes.length, 0));

/** @throws Error where there is no such project, or where it is open in another tab */
export async function openProject(id: string): Promise<void> {
  if (project.value?.id === id) return;
  closeProject();
  await takeProject(id);
  const found = await readProject(id);
  if (!found) throw new PageError('PAGE_NO_PROJECT');
  const [itsPictures, itsRuns, itsKept] = await Promise.all([listPictures(id), listRuns(id), keptOf(id)]);
  const opened = found.weights === undefined ? undefined : await readWeights(found.weights);
  batch(() => {
    project.value = found;
    pictures.value = itsPictures;
    runs.value = itsRuns.map(interrupted);
    kept.value = itsKept;
    weights.value = opened;
  });
  meanProject(id);
}

/** A run that was under way when its page was closed. */
const interrupted = (run: Run): Run => (run.status === 'running' ? { ...run, status: 'stopped' } : run);

export function closeProject(): void {
  releaseProject();
  batch(() => {
    project.value = undefined;
    pictures.value = [];
    runs.value = [];
    kept.value = [];
    weights.value = undefined;
  });
}

/** The open project. */
export function opened(): Project {
  if (!project.value) throw new Error('open a project first');
  return project.value;
}

export async function changeProject(changes: Partial<Omit<Project, 'id'>>): Promise<void> {
  const changed = { ...opened(), ...changes, modified: Date.now() };
  project.value = changed;
  await saving(saveProject(changed));
}

export function withRun(run: Run): void {
  runs.value = [...runs.value.filter(({ id }) => id !== run.id), run].sort((a, b) => a.id - b.id);
}

export async function readKept(): Promise<void> {
  kept.value = await keptOf(opened().id);
}
