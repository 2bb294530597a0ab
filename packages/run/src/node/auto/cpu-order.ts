/** The order in which the CPU's devices are tried here: onnxruntime and libtensorflow, where both are installed. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { parseDevice } from '@froyolo/core/devices';
import { canProbe, speedApart } from '../probe/probe-apart.js';
import { PROBE_STEP } from '../probe/probe-device.js';
import { mayHaveCuda, type OrderOptions } from './cuda-order.js';
import { fastestFirst, measuringNote } from './fastest.js';
import { type FigureStore, measuredFile, readMeasured, writeMeasured } from './measured.js';

/** The first is what most machines have; the other comes before it only where it is clearly faster. */
const CONTESTANTS: readonly string[] = ['ort-cpu', 'tf-cpu'];
export const CPU_MARGIN = 1.25;

const TFJS_NODE = '@tensorflow/tfjs-node';

export interface CpuOrderOptions extends OrderOptions {
  /** Whether devices are measured where that was never done; else the order of the table counts. */
  readonly mayMeasure: boolean;
}

/** What there is to choose from, and how it is measured; tests bring their own. */
export interface CpuMachine {
  /** The version of tfjs-node, if it is installed. */
  tfjsNode(): string | undefined;
  /** Whether there is nothing better than the CPU, and measuring would work. */
  canMeasure(isAuto: boolean): Promise<boolean>;
  measure(device: string): Promise<number>;
}

const THIS_MACHINE: CpuMachine = {
  tfjsNode: tfjsNodeVersion,
  // FROYOLO_MEASURE=0: figures of a machine that does other things at the same time would be wrong.
  canMeasure: async (isAuto) =>
    process.env.FROYOLO_MEASURE !== '0' && canProbe() && !(isAuto && (await mayHaveCuda())),
  measure: speedApart,
};

/**
 * Names of the devices that answer to `auto` or `cpu`, with the faster of the CPU's contestants before the other; nothing
 * where there is no choice, or nothing is known and nothing may be measured.
 */
export async function cpuOrder(
  request: string,
  { mayMeasure, onNote }: CpuOrderOptions,
  { tfjsNode, canMeasure, measure }: CpuMachine = THIS_MACHINE,
): Promise<readonly string[] | undefined> {
  const { candidates, auto } = parseDevice(request, 'node');
  const names = candidates.map(({ name }) => name);
  const version = CONTESTANTS.every((name) => names.includes(name)) ? tfjsNode() : undefined;
  if (version === undefined) return undefined;
  const [key, file] = [keyOf(version), measuredFile('cpu')];
  const isKnown = (await readMeasured(file, key)) !== undefined;
  if (!isKnown && !(mayMeasure && (await canMeasure(auto)))) return undefined;
  const order = await fastestFirst({
    devices: CONTESTANTS,
    key,
    file,
    margin: CPU_MARGIN,
    measure,
    onMeasure: (measured) => onNote?.(measuringNote(measured)),
  });
  return withContestants(names, order);
}

/** The contestants in their places, in another order; the others stay where they are. */
function withContestants(names: readonly string[], order: readonly string[]): string[] {
  const left = [...order];
  return names.map((name) => (CONTESTANTS.includes(name) ? (left.shift() ?? name) : name));
}

/** The speed of the CPU's devices as it was measured here. */
export const cpuFigures: FigureStore = {
  remember: async (figures) => {
    const version = tfjsNodeVersion();
    if (version !== undefined) await writeMeasured(measuredFile('cpu'), keyOf(version), figures);
  },
  remembered: async () => {
    const version = tfjsNodeVersion();
    return (version && (await readMeasured(measuredFile('cpu'), keyOf(version)))) || [];
  },
  contestants: () => CONTESTANTS,
};

/** The version of tfjs-node if it is there with its native part, without loading it. */
function tfjsNodeVersion(): string | undefined {
  try {
    const own = createRequire(import.meta.url);
    const file = own.resolve(`${TFJS_NODE}/package.json`);
    const { version } = own(file) as { version: string };
    return existsSync(join(dirname(file), 'lib', 'napi-v8', 'tfjs_binding.node')) ? version : undefined;
  } catch {
    return undefined;
  }
}

const keyOf = (version: string) =>
  JSON.stringify({
    cpu: cpus()[0]?.model ?? process.arch,
    threads: availableParallelism(),
    node: process.versions.node,
    tfjsNode: version,
    step: PROBE_STEP,
  });
