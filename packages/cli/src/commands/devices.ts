/** `froyolo devices`: lists the devices. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DEVICES, parseDevice } from '@froyolo/core/devices';
import { type DeviceReport, probeDevice } from '@froyolo/run/node';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
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

/** @param probe by default in its own process for each device */
export async function runDevices(
  { terminal, signal }: CommandContext,
  { bench = false, json = false, probe: only }: Given<'devices'>,
  _words: readonly string[] = [],
  probe: Probe = probeApart,
): Promise<void> {
  if (only !== undefined) {
    // In a child process: one device.
    terminal.print(JSON.stringify(await probeDevice(only, bench)));
    return;
  }
  const reports: DeviceReport[] = [];
  // One after the other: each would slow the others down.
  for (const { name } of DEVICES) {
    if (signal.aborted) break;
    terminal.live(`${bench ? 'Measuring' : 'Trying'} ${name}`);
    reports.push(await probe(name, bench));
  }
  terminal.live('');
  for (const line of json ? [asJson(reports)] : asText(reports, bench)) terminal.print(line);
}

/** A package that brings the process down takes only its own with it. */
async function probeApart(name: string, bench: boolean): Promise<DeviceReport> {
  const program = process.argv[1];
  const args = [program, 'devices', '--probe', name, ...(bench ? ['--bench'] : [])];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as DeviceReport;
  } catch (error) {
    const { signal, code, stderr = '' } = error as { signal?: string; code?: unknown; stderr?: string };
    const last = stderr.trim().split('\n').at(-1);
    const reason = `the process that tried it ended (${signal ?? `status ${code}`})${last ? `: ${last}` : ''}`;
    return { name, available: false, reason };
  }
}

/** The device that `auto` picks: the first in its order that is available. */
function picked(reports: readonly DeviceReport[]): string | undefined {
  const available = new Set(reports.filter((report) => report.available).map(({ name }) => name));
  return parseDevice('auto', 'node').candidates.find(({ name }) => available.has(name))?.name;
}

function asJson(reports: readonly DeviceReport[]): string {
  return JSON.stringify({ auto: picked(reports), devices: reports }, undefined, 2);
}

function asText(reports: readonly DeviceReport[], bench: boolean): string[] {
  const auto = picked(reports);
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
