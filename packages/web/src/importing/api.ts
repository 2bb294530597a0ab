/** What the page asks of the worker that reads opened files into a project, and writes projects out. */
import type { SourceFile } from '@froyolo/data/browser';
import type { Picture, Project, ProjectClass } from '../library/types.js';

export type OnProgress = (done: number, total: number) => void;

/** Result of opening files. */
export interface Imported {
  readonly pictures: readonly Picture[];
  /** Existing pictures with labels from the files, not saved yet. */
  readonly labeled: readonly Picture[];
  /** Classes of the project, followed by new ones. */
  readonly classes: readonly ProjectClass[];
  /** Why the files' labels can't be used, in English; absent where they can. */
  readonly noLabels?: string;
  /** How the files were interpreted, in English. */
  readonly notes: readonly string[];
  /** One line per file that can't be used or was repaired. */
  readonly warnings: readonly string[];
}

export type DatasetFormat = 'yolo' | 'voc' | 'coco';

export interface Importer {
  /**
   * Passes files for `addFiles` in parts: thousands at once would block the page.
   * @param before how many were offered already; with 0 begins a new list
   */
  offer(files: readonly SourceFile[], before: number): Promise<void>;
  /** Adds the passed pictures, with labels from label files among them; label files alone apply to existing pictures. */
  addFiles(project: Project, onProgress: OnProgress): Promise<Imported>;
  addZip(project: Project, zip: Blob, name: string, onProgress: OnProgress): Promise<Imported>;
  /** Renders the pictures of the demo into a project. */
  addShapes(project: Project, onProgress: OnProgress): Promise<Imported>;
  /** The checkpoint of the demo. */
  shapesCheckpoint(): Promise<Blob>;
  /** The pictures whose labels are complete, as a zip with labels in a format that other programs read. */
  exportDataset(project: Project, format: DatasetFormat): Promise<Blob>;
  /** A project and everything that belongs to it, as a zip. */
  exportProject(project: Project, onProgress: OnProgress): Promise<Blob>;
  /** @throws Error where the zip is no such project */
  importProject(zip: Blob, onProgress: OnProgress): Promise<Project>;
}
