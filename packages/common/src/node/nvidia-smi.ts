/** Asks the driver's own tool about GPUs. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 5000;

/** Figures of each GPU, by the names of its fields. */
export type GpuFigures<Field extends string> = Readonly<Record<Field, number>>;

/** What the driver says of a GPU, as text by the names of its fields. */
export type GpuTexts<Field extends string> = Readonly<Record<Field, string>>;

/**
 * The figures of all GPUs, or of one, in the tool's units (percent, MiB); empty without GPU, driver or tool.
 * @param fields as in `nvidia-smi --help-query-gpu`
 * @param gpu number, UUID or bus address of one
 */
export async function nvidiaSmi<Field extends string>(
  fields: readonly Field[],
  gpu?: number | string,
): Promise<GpuFigures<Field>[]> {
  return parseGpus(fields, await query(fields, gpu));
}

/** The same for what is not a figure, such as `name`; a field that the driver doesn't tell is `[N/A]`. */
export async function nvidiaSmiTexts<Field extends string>(
  fields: readonly Field[],
): Promise<GpuTexts<Field>[]> {
  return parseGpuTexts(fields, await query(fields));
}

/** The latest CUDA version that the driver runs, such as `13.0`. */
export async function driverCuda(): Promise<string | undefined> {
  return /CUDA Version\s*:\s*([\d.]+)/.exec(await ask([]))?.[1];
}

function query(fields: readonly string[], gpu?: number | string): Promise<string> {
  const which = gpu === undefined ? [] : [`--id=${gpu}`];
  return ask([...which, `--query-gpu=${fields}`, '--format=csv,noheader,nounits']);
}

async function ask(options: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', [...options], { timeout: TIMEOUT_MS });
    return stdout;
  } catch {
    return '';
  }
}

/** Reads a line per GPU, `37, 1024`; leaves out a GPU that doesn't tell a figure, which is `[N/A]` then. */
export function parseGpus<Field extends string>(
  fields: readonly Field[],
  output: string,
): GpuFigures<Field>[] {
  return parseGpuTexts(fields, output).flatMap((texts) => {
    const cells = fields.map((field) => Number.parseFloat(texts[field]));
    return cells.every((cell) => Number.isFinite(cell)) ? [byName(fields, cells)] : [];
  });
}

function parseGpuTexts<Field extends string>(fields: readonly Field[], output: string): GpuTexts<Field>[] {
  return output.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    return cells.length === fields.length && line.trim() !== '' ? [byName(fields, cells)] : [];
  });
}

function byName<Field extends string, T>(fields: readonly Field[], cells: readonly T[]): Record<Field, T> {
  return Object.fromEntries(fields.map((field, i) => [field, cells[i]])) as Record<Field, T>;
}
