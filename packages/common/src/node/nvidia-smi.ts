/** Asks the driver's own tool about GPUs. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 5000;

/** Figures of each GPU, by the names of its fields. */
export type GpuFigures<Field extends string> = Readonly<Record<Field, number>>;

/**
 * The figures of all GPUs, or of one, in the tool's units (percent, MiB); empty without GPU, driver or tool.
 * @param fields as in `nvidia-smi --help-query-gpu`
 */
export async function nvidiaSmi<Field extends string>(
  fields: readonly Field[],
  index?: number,
): Promise<GpuFigures<Field>[]> {
  const which = index === undefined ? [] : [`--id=${index}`];
  const query = [...which, `--query-gpu=${fields}`, '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: TIMEOUT_MS });
    return parseGpus(fields, stdout);
  } catch {
    return [];
  }
}

/** Reads a line per GPU, `37, 1024`; leaves out a GPU that doesn't tell a figure, which is `[N/A]` then. */
export function parseGpus<Field extends string>(
  fields: readonly Field[],
  output: string,
): GpuFigures<Field>[] {
  return output.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => Number.parseFloat(cell));
    if (cells.length !== fields.length || !cells.every((cell) => Number.isFinite(cell))) return [];
    return [Object.fromEntries(fields.map((field, i) => [field, cells[i]])) as GpuFigures<Field>];
  });
}
