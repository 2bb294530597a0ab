/** The browser's database: one for all projects. Pages and their workers open it side by side. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Kept, OpenedWeights, Picture, Project, Run } from './types.js';

export interface LibrarySchema extends DBSchema {
  projects: { key: string; value: Project };
  pictures: { key: [project: string, id: number]; value: Picture };
  files: { key: [project: string, id: number]; value: Blob };
  thumbnails: { key: [project: string, id: number]; value: Blob };
  weights: { key: string; value: OpenedWeights };
  runs: { key: [project: string, id: number]; value: Run };
  checkpoints: { key: [project: string, which: Kept]; value: Blob };
}

/** Stores whose keys begin with a project. */
export const OF_PROJECT = ['pictures', 'files', 'thumbnails', 'runs', 'checkpoints'] as const;

export type Library = IDBPDatabase<LibrarySchema>;

const VERSION = 1;
let opened: Promise<Library> | undefined;

export function library(): Promise<Library> {
  opened ??= openDB<LibrarySchema>('froyolo', VERSION, {
    upgrade(db) {
      db.createObjectStore('projects', { keyPath: 'id' });
      db.createObjectStore('pictures', { keyPath: ['project', 'id'] });
      db.createObjectStore('weights', { keyPath: 'id' });
      db.createObjectStore('runs', { keyPath: ['project', 'id'] });
      for (const name of ['files', 'thumbnails', 'checkpoints'] as const) db.createObjectStore(name);
    },
    // Closes, since a page with a newer version waits for it.
    blocking: (_, __, event) => {
      if (event.target instanceof IDBDatabase) event.target.close();
      opened = undefined;
    },
    terminated: () => {
      opened = undefined;
    },
  });
  return opened;
}

/** All keys that begin with that project. */
export const keysOf = (project: string) => IDBKeyRange.bound([project], [project, []]);
