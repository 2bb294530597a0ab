/** What the page asks of the worker that reads opened files into a project, and writes projects out. */
import type { SourceFile } from '@froyolo/data/browser';
import type { Picture, Project, ProjectClass } from '../library/types.js';

export type OnProgress = (done: number, total: number) => void;

/** What became of opened files. */
export interface Imported {
  readonly pictures: readonly Picture[];
  /** Pictures that were there already, with labels of the files; they are not saved yet. */
  readonly labeled: readonly Picture[];
  /** Those of the project, with new ones behind. */
  readonly classes: readonly ProjectClass[];
  /** How the files were understood. */
  readonly notes: readonly string[];
  /** One line per file that can't be used or was repaired. */
  readonly warnings: readonly string[];
}

export type DatasetFormat = 'yolo' | 'voc' | 'coco';

export interface Importer {
  /**
   * Files that `addFiles` takes, in parts: thousands at once would hold the page up.
   * @param before how many were offered already; with 0 begins a new list
   */
  offer(files: readonly SourceFile[], before: number): Promise<void>;
  /** Adds the pictures that were offered, with their labels where files of labels are among them; labels alone are for those there. */
  addFiles(project: Project, onProgress: OnProgress): Promise<Imported>;
  addZip(project: Project, zip: Blob, name: string, onProgress: OnProgress): Promise<Imported>;
  /** Renders the pictures of the demo into a project. */
  addShapes(project: Project, onProgress: OnProgress): Promise<Imported>;
  /** The checkpoint of the demo. */
  shapesCheckpoint(): Promise<Blob>;
  /** The pictures whose labels are complete, as a zip with labels in a format that other programs read. */
  exportDataset(project: Project, format: DatasetFormat): Promise<Blob>;
  /** A project with all that belongs to it, as a zip. */
  exportProject(project: Project, onProgress: OnProgress): Promise<Blob>;
  /** @throws Error where the zip is no such project */
  importProject(zip: Blob, onProgress: OnProgress): Promise<Project>;
}
