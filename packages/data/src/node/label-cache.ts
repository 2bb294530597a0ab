import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { mapLimited, reasonOf, writeAtomic } from './atomic.js';

const scanSchema = z.object({
  images: z.array(
    z.object({
      path: z.string(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      labels: z.array(z.number()),
      /** Points of each row's polygon, none where it is a box. */
      segments: z.array(z.array(z.number())).optional(),
    }),
  ),
  warnings: z.array(z.string()),
  missing: z.number().int(),
  empty: z.number().int(),
  corrupt: z.number().int(),
});
const cacheSchema = z.object({
  format: z.literal('froyolo-labels'),
  version: z.literal(2),
  key: z.string(),
  scan: scanSchema,
});

/** What reading all images and labels of a split found; kept in the cache file. */
export type Scan = z.output<typeof scanSchema>;

/** A hash of every file's path, size and time of change, and of the class count: what a scan's result depends on. */
export async function scanKey(files: readonly string[], numClasses: number): Promise<string> {
  const lines = await mapLimited(files, 32, async (file) => {
    const info = await stat(file).catch(() => undefined);
    return info ? `${file}\t${info.size}\t${info.mtimeMs}` : `${file}\t-`;
  });
  return createHash('sha256')
    .update(`${numClasses}\n${lines.join('\n')}`)
    .digest('hex');
}

/** The cached scan, or undefined when there is none, it belongs to other files, or it is damaged. */
export async function readScan(path: string, key: string): Promise<Scan | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = cacheSchema.safeParse(parseJson(text));
  return parsed.success && parsed.data.key === key ? parsed.data.scan : undefined;
}

/** Writes the cache; returns a warning where the folder can't be written. */
export async function writeScan(path: string, key: string, scan: Scan): Promise<string | undefined> {
  try {
    await writeAtomic(path, JSON.stringify({ format: 'froyolo-labels', version: 2, key, scan }));
    return undefined;
  } catch (error) {
    return `${path}: labels are not cached: ${reasonOf(error)}`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
