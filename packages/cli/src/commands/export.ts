/** `froyolo export`: a detector as a file of other programs. */
import { FORMATS } from '@froyolo/export';
import { type EightBitCost, exportFiles } from '../api/export.js';
import type { Given } from '../args/options.js';
import { commonEvents } from '../common-events.js';
import type { CommandContext } from '../context.js';
import { checkDevice } from '../device.js';
import { count, formatBytes } from '../output/format.js';

export async function runExport({ terminal, signal }: CommandContext, given: Given<'export'>): Promise<void> {
  checkDevice(given.device, 'calibration');
  const files = await exportFiles(given, {
    ...commonEvents({ terminal, signal }, given.weights),
    onCost: (cost) => terminal.print(costLine(cost)),
  });
  for (const { format, path, bytes } of files)
    terminal.print(`${FORMATS[format]}: ${path} (${formatBytes(bytes.length)})`);
}

/** `8 bits on 72 images: mAP50-95 .536 (float .536), 20.1 ms per image (23.9), 0.28 of the size`. */
function costLine({ float, int8 }: EightBitCost): string {
  const parts = [
    `mAP50-95 ${int8.mAP50_95.toFixed(4)} (float ${float.mAP50_95.toFixed(4)})`,
    `${int8.inference.toFixed(1)} ms per image (${float.inference.toFixed(1)})`,
    `${(int8.bytes / float.bytes).toFixed(2)} of the size`,
  ];
  return `8 bits on ${count(int8.images, 'image')}: ${parts.join(', ')}`;
}
