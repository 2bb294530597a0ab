/** Writes a detector in the formats of other programs. */
import { basename, extname } from 'node:path';
import { type ExportedFile, exportModel, formatsIn, readOnnxDetector } from '@froyolo/export';
import { calibrationImages, writeExport } from '@froyolo/export/node';
import { type ValidateFilesOptions, validateOnFiles } from '@froyolo/run/node';
import { type OptionsOf, resolveSettings, SettingsError, type SettingsOf } from '@froyolo/run/settings';
import type { Checkpoint } from '@froyolo/weights';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { UsageError } from '../errors.js';
import { FLAGS } from '../flags.js';
import { fitToStride } from './image-size.js';
import { type DeviceEvents, withDevice } from './opened-detector.js';

interface Measured {
  readonly mAP50_95: number;
  /** Milliseconds of the network per image. */
  readonly inference: number;
  readonly bytes: number;
  /** Images that it was measured on. */
  readonly images: number;
}

export interface EightBitCost {
  readonly float: Measured;
  readonly int8: Measured;
}

export interface ExportEvents extends DeviceEvents {
  /** ONNX in 8 bits beside float32, on the validation images of the dataset; for square images without suppression. */
  onCost?(cost: EightBitCost): void;
}

export type ExportFilesOptions = Partial<OptionsOf<typeof FLAGS, 'export'>>;
type Settings = SettingsOf<typeof FLAGS, 'export'>;

/**
 * Writes the formats of `include` beside the weights, or into the current folder for an official checkpoint.
 * @returns the files with their paths
 * @throws FroyoloError for a format that isn't written, options that don't go together, or weights that can't be used
 */
export async function exportFiles(
  options: ExportFilesOptions,
  events: ExportEvents = {},
): Promise<ExportedFile[]> {
  const settings = resolveSettings(FLAGS, 'export', options);
  const files: ExportedFile[] = [];
  for (const weights of settings.weights) files.push(...(await exportOne(weights, settings, events)));
  return files;
}

async function exportOne(weights: string, settings: Settings, events: ExportEvents): Promise<ExportedFile[]> {
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
  events: ExportEvents,
): Promise<ExportedFile[]> {
  const { imgsz, nms, agnosticNms, int8, data, ...rest } = settings;
  const stride = Math.max(...(checkpoint.stride ?? [32]));
  const sizes = imgsz.map((size) => fitToStride(size, stride, events.onWarning));
  const [height = 640, width = height, ...more] = sizes;
  if (more.length > 0)
    throw new SettingsError('imgsz', `it takes one number, or height and width, not ${imgsz.length}`);
  const options = {
    ...rest,
    name,
    imgsz: [height, width] as const,
    nms: (nms || agnosticNms) && { ...settings, agnostic: agnosticNms },
  };
  if (!int8 || !formatsIn(options.include).includes('onnx'))
    return exportModel(checkpoint, { ...options, int8 });
  if (data === undefined)
    throw new UsageError('--int8 for ONNX is calibrated on images: give a dataset with --data');
  return withDevice(settings, events, async ({ executor }) => {
    const images = calibrationImages(data, { imgsz: Math.max(height, width), stride });
    const files = await exportModel(checkpoint, { ...options, int8: { executor, images } });
    const small = files.find(({ format }) => format === 'onnx');
    if (small && !options.nms && height === width) {
      const [float] = await exportModel(checkpoint, { ...options, half: false, include: ['onnx'] });
      if (float) events.onCost?.(await costOf(float, small, { executor, data, imgsz: height }));
    }
    return files;
  });
}

/** What 8 bits cost on the validation images. */
async function costOf(
  float: ExportedFile,
  small: ExportedFile,
  options: Pick<ValidateFilesOptions, 'executor' | 'data' | 'imgsz'>,
): Promise<EightBitCost> {
  const measure = async ({ bytes, path }: ExportedFile): Promise<Measured> => {
    const detector = readOnnxDetector(bytes, path);
    const { mAP50_95, speed, images } = await validateOnFiles({
      ...options,
      detector,
      batchSize: 1,
      rect: false,
    });
    return { mAP50_95, inference: speed.inference, bytes: bytes.length, images };
  };
  return { float: await measure(float), int8: await measure(small) };
}
