/** Files of a detector for other programs. */
import { type ExportOptions, exportModel } from '@froyolo/export';
import { writeCheckpoint } from '@froyolo/weights';
import { checkpointOf, type Detector, roundedImgsz } from '@froyolo/yolo';
import { zipSync } from 'fflate';
import type { TakenFile, TakenFormat } from './api.js';

const INCLUDED: Readonly<Record<Exclude<TakenFormat, 'checkpoint' | 'last'>, string>> = {
  pt: 'pt',
  onnx: 'onnx',
  tfjs: 'tfjs',
  safetensors: 'safetensors',
};

/** @param name beginning of the file's name */
export async function take(
  detector: Detector,
  format: Exclude<TakenFormat, 'last'>,
  name: string,
  imgsz: number,
): Promise<TakenFile> {
  if (format === 'checkpoint')
    return { name: `${name}.safetensors`, bytes: writeCheckpoint(checkpointOf(detector)) };
  const size = roundedImgsz(detector, imgsz);
  const options: ExportOptions = { include: [INCLUDED[format]], name, imgsz: size };
  const files = await exportModel(detector, options);
  const [file] = files;
  if (!file) throw new Error(`nothing was written as ${format}`);
  if (files.length === 1) return { name: file.path, bytes: file.bytes };
  // A folder travels as a zip; weights hardly shrink.
  const folder = file.path.slice(0, file.path.indexOf('/'));
  const entries = Object.fromEntries(files.map(({ path, bytes }) => [path, bytes]));
  return { name: `${folder}.zip`, bytes: zipSync(entries, { level: 0 }) };
}
