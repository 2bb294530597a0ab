/**
 * How fast this machine's devices were: measured once, and kept in a file of the user's cache until a driver, a card, the
 * CPU or a package changes.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { cacheDir } from '@froyolo/weights/node';
import { z } from 'zod';

/** A device and its images per second; 0 for one that doesn't work. */
const figureSchema = z.object({ device: z.string(), imagesPerSecond: z.number().nonnegative() });

export type Figure = z.output<typeof figureSchema>;

/** Measured speeds of the devices of one kind, from which one is picked. */
export interface FigureStore {
  contestants(): readonly string[];
  /** Figures of all contestants. */
  remember(figures: readonly Figure[]): Promise<void>;
  /** Empty where nothing was measured. */
  remembered(): Promise<readonly Figure[]>;
}

const fileSchema = z.object({
  format: z.literal('froyolo-devices'),
  version: z.literal(1),
  sha256: z.string(),
  /** JSON as text, so that the sum doesn't depend on how it is written. */
  measured: z.string(),
});

const measuredSchema = z.object({ key: z.string(), figures: z.array(figureSchema) });

export const measuredFile = (kind: 'cuda' | 'cpu', cache = cacheDir()): string =>
  join(cache, kind === 'cuda' ? 'devices.json' : 'devices-cpu.json');

/** What was measured on the same machine; nothing where that isn't known, or the file is damaged. */
export async function readMeasured(file: string, key: string): Promise<Figure[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const outer = fileSchema.safeParse(parseJson(text));
  if (!outer.success || outer.data.sha256 !== sha256(outer.data.measured)) return undefined;
  const measured = measuredSchema.safeParse(parseJson(outer.data.measured));
  return measured.success && measured.data.key === key ? measured.data.figures : undefined;
}

/** A cache that can't be written is done without. */
export async function writeMeasured(file: string, key: string, figures: readonly Figure[]): Promise<void> {
  const measured = JSON.stringify({ key, figures });
  const content = { format: 'froyolo-devices', version: 1, sha256: sha256(measured), measured };
  await writeAtomic(file, `${JSON.stringify(content)}\n`).catch(() => undefined);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
