/** Datasets of commands, fetched when they are missing. */
import { fetchDataset } from '@froyolo/data/node';

export interface DatasetEvents {
  /** Progress of a download of a dataset: its address, bytes done, and in all where the server says how many. */
  onDatasetDownload?(address: string, done: number, total: number | undefined): void;
}

interface FetchEvents extends DatasetEvents {
  readonly signal?: AbortSignal;
  onNote?(text: string): void;
}

/**
 * Fetches the images that a dataset YAML names, if they are missing and it says from where; see `fetchDataset`.
 * @throws DatasetError with the address and what to do
 */
export async function fetchMissing(data: string | undefined, events: FetchEvents): Promise<void> {
  if (data === undefined) return;
  await fetchDataset(data, {
    signal: events.signal,
    onProgress: (address, done, total) => events.onDatasetDownload?.(address, done, total),
    onNote: (text) => events.onNote?.(text),
  });
}
