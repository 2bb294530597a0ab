/** Accuracy and speed of a detector over image sizes: the task `study` of `val`. */

import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { type SizeStudy, sizeStudyChart, writeCharts } from '@froyolo/report';
import { claimRunFolder, fillingFolder, validateOnFiles } from '@froyolo/run/node';
import {
  resolveSettings,
  SETTINGS,
  type ValidateOptions,
  type ValidateSettings,
} from '@froyolo/run/settings';
import type { ValidationResult } from '@froyolo/yolo';
import { readDetector, withDevice } from './opened-detector.js';
import { filesOptions, type ValidateEvents } from './validate.js';

/** Sizes that YOLOv5 studies. */
export const STUDY_SIZES: readonly number[] = Array.from({ length: 11 }, (_, i) => 256 + 128 * i);

export interface SizeResult extends Omit<ValidationResult, 'details'> {
  readonly weights: string;
  readonly imgsz: number;
}

export interface StudySizesEvents extends ValidateEvents {
  /** Before the validation at each size. */
  onSize?(imgsz: number, weights: string): void;
}

export interface StudySizesResult {
  readonly sizes: readonly SizeResult[];
  readonly folder: string;
  readonly isPartial: boolean;
}

/**
 * Validates each detector at each size. Writes `study_DATA_WEIGHTS.txt` per detector, a row of figures for each size, and
 * `study.png` with all such files of the folder: with `existOk`, also those of earlier studies.
 * @param sizes in pixels, ascending
 * @throws FroyoloError for settings, data, weights or a device that can't be used
 */
export async function studySizes(
  options: ValidateOptions,
  events: StudySizesEvents = {},
  sizes: readonly number[] = STUDY_SIZES,
): Promise<StudySizesResult> {
  const settings = resolveSettings(SETTINGS, 'val', options);
  const { project, name, existOk, data, weights } = settings;
  const folder = claimRunFolder(project, name, existOk);
  return fillingFolder(folder, async () => {
    const results: SizeResult[] = [];
    for (const file of weights) {
      const own = await studyOne(file, settings, events, sizes);
      results.push(...own);
      if (events.signal?.aborted) return { sizes: results, folder, isPartial: true };
      await writeAtomic(join(folder, `study_${stemOf(data)}_${stemOf(file)}.txt`), studyRows(own));
    }
    await writeCharts(folder, { study: sizeStudyChart(await studiesIn(folder, sizes)) });
    return { sizes: results, folder, isPartial: false };
  });
}

async function studyOne(
  weights: string,
  settings: ValidateSettings,
  events: StudySizesEvents,
  sizes: readonly number[],
): Promise<SizeResult[]> {
  const detector = await readDetector(weights, events);
  return withDevice({ ...settings, detector }, events, async ({ executor }) => {
    const results: SizeResult[] = [];
    for (const imgsz of sizes) {
      if (events.signal?.aborted) break;
      events.onSize?.(imgsz, weights);
      const { details: _, ...result } = await validateOnFiles({
        ...filesOptions({ ...settings, imgsz, task: 'study' }, detector, executor, events),
        onStart: (event) => events.onStart?.(event),
      });
      results.push({ ...result, imgsz, weights });
    }
    return results;
  });
}

const stemOf = (path: string) => basename(path, extname(path));

/** Columns of YOLOv5: precision, recall, mAP50, mAP50-95, three losses (not computed here), milliseconds of three parts. */
function studyRows(results: readonly SizeResult[]): string {
  const rows = results.map(({ precision, recall, mAP50, mAP50_95, speed }) =>
    [precision, recall, mAP50, mAP50_95, 0, 0, 0, speed.preprocess, speed.inference, speed.nms]
      .map((value) => String(Number(value.toPrecision(4))).padStart(10))
      .join(' '),
  );
  return rows.map((row) => `${row}\n`).join('');
}

async function studiesIn(folder: string, sizes: readonly number[]): Promise<SizeStudy[]> {
  const files = (await readdir(folder)).filter((file) => /^study_.*\.txt$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n');
      const points = lines.map((line, i) => {
        const [, , , mAP50_95 = 0, , , , , milliseconds = 0] = line.trim().split(/\s+/).map(Number);
        return { imgsz: sizes[i] ?? 0, mAP50_95, milliseconds };
      });
      return { name: file.slice('study_'.length, -'.txt'.length), points };
    }),
  );
}
