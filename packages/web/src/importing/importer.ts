/** The worker that reads files into projects, so that neither the page nor a training waits for it. */
import { filesOfZip } from '@froyolo/data/browser';
import type { Importer } from './api.js';
import { exportDataset } from './export-dataset.js';
import { importFiles } from './import-files.js';
import { exportProject, importProject } from './project-zip.js';
import { renderShapes, shapesCheckpoint } from './shapes.js';

export const importer: Importer = {
  addFiles: importFiles,
  addZip: async (project, zip, name, onProgress) =>
    importFiles(project, await filesOfZip(zip, name), onProgress),
  addShapes: async (project, onProgress) => importFiles(project, await renderShapes(() => {}), onProgress),
  shapesCheckpoint,
  exportDataset,
  exportProject,
  importProject,
};
