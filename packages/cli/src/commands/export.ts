/** `froyolo export`: a detector as a file of other programs. */
import { FORMATS } from '@froyolo/export';
import { exportFiles } from '../api/export.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { checkDevice, printDevice } from '../device.js';
import { DownloadLog } from '../output/download-log.js';
import { formatBytes } from '../output/format.js';

export async function runExport({ terminal, signal }: CommandContext, given: Given<'export'>): Promise<void> {
  checkDevice(given.device);
  const download = new DownloadLog(terminal, given.weights ?? '');
  const files = await exportFiles(given, {
    signal,
    onDownload: (done, all) => download.update(done, all),
    onDevice: (device) => printDevice(device, terminal),
    onWarning: (text) => terminal.warn(text),
  });
  for (const { format, path, bytes } of files)
    terminal.print(`${FORMATS[format]}: ${path} (${formatBytes(bytes.length)})`);
}
