/** The order in which CUDA devices are tried here. */
import { parseDevice } from '@froyolo/core/devices';
import { CUDA_BACKENDS } from '../cuda/backends.js';
import { type CudaReport, cudaReport, hasPackage } from '../cuda/report.js';
import { speedApart } from '../probe/probe-apart.js';
import { PROBE_STEP } from '../probe/probe-device.js';
import { fastestFirst, measuringNote } from './fastest.js';
import { type FigureStore, measuredFile, readMeasured, writeMeasured } from './measured.js';

export interface OrderOptions {
  /** Is told that something takes a while, in words. */
  onNote?: ((text: string) => void) | undefined;
}

/**
 * Names of CUDA devices, the fastest first, for a request such as `auto` that leaves the choice between several; nothing
 * where there is no choice. The first time it measures a short step of each.
 */
export async function cudaOrder(
  request: string,
  { onNote }: OrderOptions = {},
): Promise<readonly string[] | undefined> {
  const { candidates } = parseDevice(request, 'node');
  const names = contestants().filter((name) => candidates.some((row) => row.name === name));
  // Without two packages there is nothing to choose, and no driver is asked.
  if (names.length < 2 || CUDA_BACKENDS.filter((backend) => hasPackage(backend)).length < 2) return undefined;
  const report = await cudaReport();
  const devices = names.filter((name) => mayWork(name, report));
  if (devices.length < 2) return undefined;
  return fastestFirst({
    devices,
    key: keyOf(report),
    file: measuredFile('cuda'),
    measure: speedApart,
    onMeasure: (measured) => onNote?.(measuringNote(measured)),
  });
}

/** The speed of CUDA devices as it was measured here; nothing without. */
export const cudaFigures: FigureStore = {
  remember: async (figures) => writeMeasured(measuredFile('cuda'), keyOf(await cudaReport()), figures),
  remembered: async () => (await readMeasured(measuredFile('cuda'), keyOf(await cudaReport()))) ?? [],
  contestants,
};

/** Whether a CUDA device may work here. */
export async function mayHaveCuda(): Promise<boolean> {
  const report = await cudaReport();
  return contestants().some((name) => mayWork(name, report));
}

/** One device of each back-end: a second one on the same libraries is there for comparison. */
function contestants(): string[] {
  return CUDA_BACKENDS.flatMap(({ devices }) => devices.slice(0, 1));
}

function mayWork(device: string, { gpus, backends }: CudaReport): boolean {
  const backend = backends.find(({ devices }) => devices.includes(device));
  return gpus.length > 0 && backend?.provider.path !== undefined && backend.package.path !== undefined;
}

/** Free memory changes; cards, driver and versions don't. */
function keyOf({ gpus, visible, driver, backends }: CudaReport): string {
  const cards = gpus.map(({ name }) => name);
  const versions = backends.map(({ package: { name, version } }) => `${name}@${version}`);
  return JSON.stringify({ cards, visible, driver, versions, step: PROBE_STEP });
}
