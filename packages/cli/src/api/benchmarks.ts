/** Every export format on every device: size, accuracy, time. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { devicesOf } from '@froyolo/core/devices';
import { type ExportedFile, exportModel } from '@froyolo/export';
import { calibrationImages, writeExport } from '@froyolo/export/node';
import { claimRunFolder, loadCheckpoint, openNodeDevice, severalDevices } from '@froyolo/run/node';
import { type OptionsOf, resolveSettings, type SettingsOf } from '@froyolo/run/settings';
import { eachAtOnce } from '@froyolo/study';
import type { Checkpoint } from '@froyolo/weights';
import { type Measure, measureHere } from '../benchmarks/measure.js';
import { type BenchmarkRow, writeBenchmarks } from '../benchmarks/results.js';
import { VARIANTS, type Variant } from '../benchmarks/variants.js';
import { CommandError } from '../errors.js';
import { FLAGS } from '../flags.js';
import { fetchMissing } from './dataset.js';
import type { CommonEvents } from './events.js';

export type BenchmarkOptions = OptionsOf<typeof FLAGS, 'benchmarks'>;
type Settings = SettingsOf<typeof FLAGS, 'benchmarks'>;

export interface BenchmarkEvents extends CommonEvents {
  /** A format is about to be written, or measured on a device. */
  onMeasure?(format: string, device: string | undefined): void;
  onRow?(row: BenchmarkRow): void;
}

/** Where files are measured. */
export interface BenchmarkPlaces {
  /** By default in this process. */
  readonly measure?: Measure;
  /** Devices on which a format is measured at the same time; by default one. */
  readonly atOnce?: number;
}

export interface BenchmarkResult {
  readonly rows: readonly BenchmarkRow[];
  /** Where the exports, `benchmarks.json`, `benchmarks.md` and the chart are. */
  readonly folder: string;
  /** Seconds that it all took. */
  readonly seconds: number;
}

/** Devices of plain JavaScript take minutes for an image: they are measured only where they are named. */
const isFast = ({ auto }: { readonly auto: readonly string[] }) => auto.length > 0;

/**
 * Writes a detector in every format and validates each on every device that runs it, in squares, as YOLOv5's
 * `benchmarks.py` does.
 * @throws FroyoloError for settings, data or weights that can't be used; with `hardFail` also where a format or a device
 * fails, or a mAP50-95 is below the floor
 */
export async function benchmark(
  options: BenchmarkOptions,
  events: BenchmarkEvents = {},
  { measure = measureHere, atOnce = 1 }: BenchmarkPlaces = {},
): Promise<BenchmarkResult> {
  const settings = resolveSettings(FLAGS, 'benchmarks', options);
  const devices = await deviceNames(settings);
  await fetchMissing(settings.data, events);
  const started = performance.now();
  const checkpoint = await loadCheckpoint(settings.weights, events);
  const folder = claimRunFolder(settings.project, settings.name, settings.existOk);
  const rows: BenchmarkRow[] = [];
  const add = (row: BenchmarkRow) => push(rows, row, events);
  const bench = { settings, events, checkpoint, folder, measure, atOnce, add };
  for (const variant of settings.ptOnly ? VARIANTS.slice(0, 1) : VARIANTS) {
    if (events.signal?.aborted) break;
    await benchVariant(bench, variant, devices);
  }
  const seconds = (performance.now() - started) / 1000;
  await writeBenchmarks(folder, rows, settings);
  checkFloor(rows, settings);
  return { rows, folder, seconds };
}

interface Bench {
  readonly settings: Settings;
  readonly events: BenchmarkEvents;
  readonly checkpoint: Checkpoint;
  readonly folder: string;
  readonly measure: Measure;
  readonly atOnce: number;
  add(row: BenchmarkRow): void;
}

function push(rows: BenchmarkRow[], row: BenchmarkRow, events: BenchmarkEvents): void {
  rows.push(row);
  events.onRow?.(row);
}

async function deviceNames({ device, test }: Settings): Promise<readonly string[]> {
  if (test) return [];
  if (device !== 'auto') return severalDevices(device);
  return devicesOf('node')
    .filter(isFast)
    .map(({ name }) => name);
}

/** Writes one format and measures it wherever it runs. */
async function benchVariant(bench: Bench, variant: Variant, devices: readonly string[]): Promise<void> {
  const { settings, events, add } = bench;
  const { name, runsOn, reason } = variant;
  events.onMeasure?.(name, undefined);
  const written = await attempt(settings, () => writeVariant(bench, variant));
  if ('failure' in written) return add({ format: name, failure: written.failure });
  const { path, bytes } = written.value;
  const row = { format: name, file: path, bytes };
  if (settings.test) return add(row);
  if (!runsOn) return add({ ...row, ...(reason ? { reason } : {}) });
  const { data, batchSize, imgsz, device: asked } = settings;
  const weights = join(bench.folder, path);
  const order = { format: name, weights, data, batchSize, imgsz, isNamed: asked !== 'auto' };
  const measured = new Map<string, BenchmarkRow>();
  await eachAtOnce(devices, bench.atOnce, async (device) => {
    if (events.signal?.aborted) return 'stop';
    events.onMeasure?.(name, device);
    const figures = await attempt(settings, () => bench.measure({ ...order, device }, events));
    if ('failure' in figures) measured.set(device, { ...row, device, failure: figures.failure });
    else if (figures.value) measured.set(device, { ...row, device, ...figures.value });
    return 'go on';
  });
  // In the order of the devices, whichever is done first.
  for (const device of devices) {
    const done = measured.get(device);
    if (done) add(done);
  }
}

interface Written {
  /** What is loaded, relative to the folder of the benchmark. */
  readonly path: string;
  /** Size of all its files. */
  readonly bytes: number;
}

async function writeVariant(bench: Bench, { format, int8 }: Variant): Promise<Written> {
  const { checkpoint, settings, folder } = bench;
  const { imgsz, half, batchSize } = settings;
  // Other files are written in float32 alone.
  const halves = half && !int8 && (format === 'onnx' || format === 'tfjs');
  const options = { include: [format], name: 'model', imgsz, batchSize, half: halves };
  const files = int8
    ? await withCalibration(bench, (calibration) =>
        exportModel(checkpoint, { ...options, int8: calibration }),
      )
    : await exportModel(checkpoint, options);
  const into = join('exports', int8 ? `${format}-int8` : format);
  await mkdir(join(folder, into), { recursive: true });
  await writeExport(files, join(folder, 'weights'), join(folder, into));
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return { path: join(into, (files.find(isEntry) ?? files[0])?.path ?? ''), bytes };
}

const isEntry = ({ path }: ExportedFile) => !path.endsWith('.bin');

async function withCalibration<T>(
  { settings, checkpoint }: Bench,
  work: (options: Parameters<typeof exportModel>[1]['int8']) => Promise<T>,
): Promise<T> {
  const { executor } = await openNodeDevice({ device: 'ort-cpu' });
  try {
    const stride = Math.max(...(checkpoint.stride ?? [32]));
    return await work({
      executor,
      images: calibrationImages(settings.data, { imgsz: settings.imgsz, stride }),
    });
  } finally {
    await executor.dispose();
  }
}

type Outcome<T> = { readonly value: T } | { readonly failure: string };

/** A failure is a row of the table, or an error with `hardFail`. */
async function attempt<T>({ hardFail }: Settings, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (hardFail !== undefined) throw error;
    return { failure: error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error) };
  }
}

function checkFloor(rows: readonly BenchmarkRow[], { hardFail }: Settings): void {
  if (hardFail === undefined || hardFail === true) return;
  const floor = Number(hardFail);
  const below = rows.filter(({ mAP50_95 }) => mAP50_95 !== undefined && !(mAP50_95 > floor));
  if (below.length === 0) return;
  const list = below.map(({ format, device, mAP50_95 }) => `${format} on ${device}: ${mAP50_95?.toFixed(3)}`);
  throw new CommandError(`mAP50-95 is not above ${floor}: ${list.join(', ')}`);
}
