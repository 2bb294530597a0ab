/** What commands show while a dataset is fetched. */
import type { DatasetEvents } from './api/dataset.js';
import { DownloadLog } from './output/download-log.js';
import type { Terminal } from './output/terminal.js';

export function datasetEvents(terminal: Terminal): Required<DatasetEvents> & { onNote(text: string): void } {
  let log: DownloadLog | undefined;
  return {
    onDatasetDownload(address, done, total) {
      log ??= new DownloadLog(terminal, address);
      log.update(done, total ?? done);
    },
    onNote: (text) => terminal.note(text),
  };
}
