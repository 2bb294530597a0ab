/** The NVIDIA driver's tool for tests, on machines without a GPU. */
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What the fake tool knows of a GPU, by the names of the real one's fields; memory in MiB. */
export type FakeGpu = Readonly<Record<string, string | number>>;

/** Answers as `nvidia-smi` does to `--query-gpu`, `--id`, and to nothing. */
const PROGRAM = `#!/usr/bin/env node
const { gpus, cuda } = JSON.parse(require('fs').readFileSync(__dirname + '/gpus.json', 'utf8'));
const value = (name) => process.argv.map((arg) => arg.split('=')).find(([key]) => key === name)?.[1];
const [fields, id] = [value('--query-gpu'), value('--id')];
if (!fields) console.log('| Driver Version: 1.2.3       CUDA Version: ' + cuda + '     |');
else {
  const asked = gpus.filter(({ index, uuid }) => id === undefined || id === String(index) || id === uuid);
  if (asked.length === 0) { console.log('No devices were found'); process.exit(6); }
  for (const gpu of asked) console.log(fields.split(',').map((field) => gpu[field] ?? '[N/A]').join(', '));
}
`;

/**
 * Writes a program that is called as the NVIDIA driver's tool is, and knows these GPUs.
 * @returns a `PATH` that finds it first. Not for Windows.
 */
export function fakeNvidiaSmi(gpus: readonly FakeGpu[], cuda = '13.0'): string {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-nvidia-smi-'));
  writeFileSync(join(folder, 'gpus.json'), JSON.stringify({ gpus, cuda }));
  const program = join(folder, 'nvidia-smi');
  writeFileSync(program, PROGRAM);
  chmodSync(program, 0o755);
  return `${folder}${delimiter}${process.env.PATH ?? ''}`;
}

/** An H100 as its driver describes it. */
export const fakeH100 = (index = 0, freeMiB = 80_000): FakeGpu => ({
  index,
  uuid: `GPU-${index}`,
  name: 'NVIDIA H100 80GB HBM3',
  driver_version: '580.159.03',
  'memory.free': freeMiB,
  'memory.total': 81_559,
  'memory.used': 81_559 - freeMiB,
  'utilization.gpu': 0,
});
