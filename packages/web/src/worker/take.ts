/** Files of a detector for other programs. */
import { type ExportedFile, exportModel } from '@froyolo/export';
import { writeCheckpoint } from '@froyolo/weights';
import { checkpointOf, type Detector, roundedImgsz } from '@froyolo/yolo';
import { zipSync } from 'fflate';
import type { Project } from '../library/types.js';
import type { TakenFile, TakenFormat } from './api.js';
import { detectorPage } from './detector-page.js';

export interface TakenDetector {
  readonly detector: Detector;
  /** Beginning of the file's name. */
  readonly name: string;
  readonly imgsz: number;
  readonly project: Pick<Project, 'name' | 'classes'>;
}

export async function take(taken: TakenDetector, format: Exclude<TakenFormat, 'last'>): Promise<TakenFile> {
  const { detector, name } = taken;
  if (format === 'checkpoint')
    return { name: `${name}.safetensors`, file: blobOf(writeCheckpoint(checkpointOf(detector))) };
  if (format === 'page') return takePage(taken);
  const files = await exported(taken, format);
  const [first, ...rest] = files;
  if (rest.length === 0) return { name: first.path, file: blobOf(first.bytes) };
  // Zips a folder without compression: weights hardly shrink.
  const folder = first.path.slice(0, first.path.indexOf('/'));
  const entries = Object.fromEntries(files.map(({ path, bytes }) => [path, bytes]));
  return { name: `${folder}.zip`, file: blobOf(zipSync(entries, { level: 0 })) };
}

type Included = Exclude<TakenFormat, 'last' | 'checkpoint' | 'page'>;

async function exported({ detector, name, imgsz }: TakenDetector, format: Included) {
  const options = { include: [format], name, imgsz: roundedImgsz(detector, imgsz) };
  const [first, ...rest] = await exportModel(detector, options);
  if (!first) throw new Error(`nothing was written as ${format}`);
  return [first, ...rest] as const;
}

async function takePage(taken: TakenDetector): Promise<TakenFile> {
  const { name: title, classes } = taken.project;
  const { imgsz } = taken;
  const [{ bytes }] = await exported(taken, 'onnx');
  return { name: 'detector.html', file: await detectorPage({ title, model: owned(bytes), imgsz, classes }) };
}

/** A copy in memory of its own, as blobs require. */
const owned = (bytes: ExportedFile['bytes']) => bytes.slice();

const blobOf = (bytes: Uint8Array) => new Blob([owned(bytes)]);
