/** `froyolo devices`: lists the devices. */
import { DEVICES, parseDevice } from '@froyolo/core/devices';
import {
  autoOrder,
  type CudaReport,
  cudaReport,
  type DeviceReport,
  type Figure,
  probeApart,
  rememberedFigures,
  rememberFigures,
} from '@froyolo/run/node';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { UsageError } from '../errors.js';
import { cudaLines } from '../output/cuda-lines.js';
import { formatBytes, formatTable } from '../output/format.js';

export type Probe = (name: string, bench: boolean) => Promise<DeviceReport>;

const COLUMNS = [
  { title: 'device', align: 'left' as const },
  { title: 'for', align: 'left' as const },
  { title: 'available', align: 'left' as const },
  { title: 'version', align: 'left' as const },
  { title: 'threads' },
  { title: 'free memory' },
  { title: 'of' },
  { title: 'images/s' },
  { title: '', align: 'left' as const },
];

/** How the machine is looked at; tests bring their own. */
export interface Lookout {
  /** Tries a device, by default in its own process. */
  readonly probe: Probe;
  readonly cuda: () => Promise<CudaReport>;
  /** What is known of the speed of devices. */
  readonly remembered: () => Promise<readonly Figure[]>;
  readonly remember: (figures: readonly Figure[]) => Promise<void>;
}

const THIS_MACHINE: Lookout = {
  probe: probeApart,
  cuda: cudaReport,
  remembered: rememberedFigures,
  remember: rememberFigures,
};

export async function runDevices(
  { terminal, signal }: CommandContext,
  { bench = false, json = false, install: names, dryRun = false }: Given<'devices'>,
  _words: readonly string[] = [],
  { probe, cuda, remembered, remember }: Lookout = THIS_MACHINE,
): Promise<void> {
  if (names !== undefined) {
    const { installCuda } = await import('./devices-install.js');
    return installCuda({ terminal, signal }, { names: [names].flat(), dryRun });
  }
  if (dryRun) throw new UsageError('--dry-run goes with --install');
  const reports: DeviceReport[] = [];
  // One after the other: each would slow the others down.
  for (const { name } of DEVICES) {
    if (signal.aborted) break;
    terminal.live(`${bench ? 'Measuring' : 'Trying'} ${name}`);
    reports.push(await probe(name, bench));
  }
  terminal.live('');
  if (bench) await remember(figuresIn(reports));
  const auto = picked(reports, bench ? figuresIn(reports) : await remembered());
  const gpus = await cuda();
  const lines = json
    ? [asJson(reports, auto, gpus)]
    : [...asText(reports, auto, bench), '', ...cudaLines(gpus)];
  for (const line of lines) terminal.print(line);
}

function figuresIn(reports: readonly DeviceReport[]): Figure[] {
  return reports.map(({ name, imagesPerSecond = 0 }) => ({ device: name, imagesPerSecond }));
}

/** The device that `auto` picks: of those that are available, the first in its order. */
function picked(reports: readonly DeviceReport[], figures: readonly Figure[]): string | undefined {
  const available = new Set(reports.filter((report) => report.available).map(({ name }) => name));
  const { candidates } = parseDevice('auto', 'node');
  const names = candidates.map(({ name }) => name).filter((name) => available.has(name));
  return autoOrder(names, figures)[0];
}

function asJson(reports: readonly DeviceReport[], auto: string | undefined, cuda: CudaReport): string {
  return JSON.stringify({ auto, devices: reports, cuda }, undefined, 2);
}

function asText(reports: readonly DeviceReport[], auto: string | undefined, bench: boolean): string[] {
  const rows = reports.map((report) => {
    const { name, available, version, threads, memory, imagesPerSecond, adapter } = report;
    return [
      name,
      DEVICES.find((row) => row.name === name)?.answersTo.join(', ') ?? '',
      available ? 'yes' : 'no',
      version ?? '',
      threads === undefined ? '' : String(threads),
      memory ? formatBytes(memory.free) : '',
      memory ? formatBytes(memory.total) : '',
      imagesPerSecond === undefined ? '' : imagesPerSecond.toFixed(1),
      [...(name === auto ? ['auto'] : []), ...(adapter ? [adapter] : [])].join(', '),
    ];
  });
  const shown = COLUMNS.map((_, i) => i).filter((i) => bench || COLUMNS[i].title !== 'images/s');
  const table = formatTable(
    shown.map((i) => COLUMNS[i]),
    rows.map((row) => shown.map((i) => row[i])),
  );
  return [...table, ...missing(reports)];
}

function missing(reports: readonly DeviceReport[]): string[] {
  const lines = reports
    .filter(({ available }) => !available)
    .flatMap(({ name, reason, install }) => [`  ${name}: ${reason}`, ...(install ? [`    ${install}`] : [])]);
  return lines.length === 0 ? [] : ['', 'Not available:', ...lines];
}
