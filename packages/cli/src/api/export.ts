/** Writes a detector in the formats of other programs. */
import { basename, extname } from 'node:path';
import { type ExportedFile, exportModel } from '@froyolo/export';
import { calibrationImages, writeExport } from '@froyolo/export/node';
import { type OptionsOf, resolveSettings, type SettingsOf } from '@froyolo/run/settings';
import type { Checkpoint } from '@froyolo/weights';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { UsageError } from '../errors.js';
import { FLAGS } from '../flags.js';
import { type DeviceEvents, withDevice } from './opened-detector.js';

export type ExportFilesOptions = Partial<OptionsOf<typeof FLAGS, 'export'>>;
type Settings = SettingsOf<typeof FLAGS, 'export'>;

/**
 * Writes the formats of `include` beside the weights; what is made of an official checkpoint, into the current folder.
 * @returns the files with their paths
 * @throws FroyoloError for a format that isn't written, options that don't go together, or weights that can't be used
 */
export async function exportFiles(
  options: ExportFilesOptions,
  events: DeviceEvents = {},
): Promise<ExportedFile[]> {
  const settings = resolveSettings(FLAGS, 'export', options);
  const { weights } = settings;
  const file = await resolveWeights(weights, {
    ...(events.signal ? { signal: events.signal } : {}),
    onProgress: ({ received, total }) => events.onDownload?.(received, total),
  });
  const checkpoint = await readCheckpointFile(file);
  const files = await convert(checkpoint, basename(file, extname(file)), settings, events);
  const paths = await writeExport(files, file, file === weights ? undefined : '.');
  return files.map((one, i) => ({ ...one, path: paths[i] ?? one.path }));
}

async function convert(
  checkpoint: Checkpoint,
  name: string,
  settings: Settings,
  events: DeviceEvents,
): Promise<ExportedFile[]> {
  const { imgsz, nms, agnosticNms, int8, data, ...rest } = settings;
  const [height = 640, width = height] = imgsz;
  const options = {
    ...rest,
    name,
    imgsz: [height, width] as const,
    nms: (nms || agnosticNms) && { ...settings, agnostic: agnosticNms },
  };
  if (!int8) return exportModel(checkpoint, options);
  if (data === undefined)
    throw new UsageError('--int8 measures the ranges of values on images: name a dataset with --data');
  return withDevice(settings, events, ({ executor }) => {
    const stride = Math.max(...(checkpoint.stride ?? [32]));
    const images = calibrationImages(data, { imgsz: Math.max(height, width), stride });
    return exportModel(checkpoint, { ...options, int8: { executor, images } });
  });
}
