/** A worker that imports files into projects, so that neither the page nor a training waits for it. */
import { filesOfZip, type SourceFile } from '@froyolo/data/browser';
import type { Importer } from './api.js';
import { exportDataset } from './export-dataset.js';
import { importFiles } from './import-files.js';
import { exportProject, importProject } from './project-zip.js';
import { renderShapes, shapesCheckpoint } from './shapes.js';

let offered: SourceFile[] = [];

export const importer: Importer = {
  offer: async (files, before) => {
    offered = before === 0 ? [...files] : [...offered, ...files];
  },
  addFiles: (project, onProgress) => importFiles(project, offered, onProgress),
  addZip: async (project, zip, name, onProgress) =>
    importFiles(project, await filesOfZip(zip, name), onProgress),
  addShapes: async (project, onProgress) => importFiles(project, await renderShapes(() => {}), onProgress),
  shapesCheckpoint,
  exportDataset,
  exportProject,
  importProject,
};
