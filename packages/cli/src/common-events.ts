/** What most commands show while a detector is opened: a download, the device, warnings. */
import type { OpenedDevice } from '@froyolo/core/devices';
import type { CommandContext } from './context.js';
import { datasetEvents } from './dataset-events.js';
import { printDevice } from './device.js';
import { DownloadLog } from './output/download-log.js';

/** @param weights as given, for the line about a download */
export function commonEvents({ terminal, signal }: CommandContext, weights: string | readonly string[] = '') {
  const download = new DownloadLog(terminal, [weights].flat().join(', '));
  return {
    signal,
    ...datasetEvents(terminal),
    onDownload: (done: number, total: number) => download.update(done, total),
    onDevice: (device: OpenedDevice) => printDevice(device, terminal),
    onWarning: (text: string) => terminal.warn(text),
  };
}
