import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { writeAtomic } from '@froyolo/common/node';
import { z } from 'zod';
import type { ScanResult } from '../scan.js';
import { isMissing, readTextBounded, reasonOf } from './files.js';
import { mapLimited } from './map-limited.js';

const scanSchema = z.object({
  images: z.array(
    z.object({
      path: z.string(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      labels: z.array(z.number()),
      /** Points of each row's polygon; none for a box. */
      segments: z.array(z.array(z.number())).optional(),
    }),
  ),
  warnings: z.array(z.string()),
  counts: z.object({ missing: z.number().int(), empty: z.number().int(), corrupt: z.number().int() }),
});
type StoredScan = z.output<typeof scanSchema>;

/** The scan as text, so that its checksum doesn't depend on JSON's formatting. */
const cacheSchema = z.object({
  format: z.literal('froyolo-labels'),
  version: z.literal(3),
  key: z.string(),
  sha256: z.string(),
  scan: z.string(),
});
const MAX_BYTES = 2 ** 29;

/** Hashes what a scan depends on: path, size and modification time of every file, and the class count. */
export async function scanKey(files: readonly string[], numClasses: number): Promise<string> {
  const lines = await mapLimited(files, 32, async (file) => {
    const info = await stat(file).catch(() => undefined);
    return info ? `${file}\t${info.size}\t${info.mtimeMs}` : `${file}\t-`;
  });
  return sha256(`${numClasses}\n${lines.join('\n')}`);
}

/** The cached scan, unless there is none or it belongs to other files; `damage` says why the file can't be trusted. */
export async function readScan(path: string, key: string): Promise<{ scan?: ScanResult; damage?: string }> {
  const { text, reason } = await readTextBounded(path, MAX_BYTES).then(
    (text) => ({ text, reason: '' }),
    (error: unknown) => ({ text: undefined, reason: isMissing(error) ? '' : reasonOf(error) }),
  );
  if (text === undefined) return reason === '' ? {} : { damage: damaged(path, reason) };
  const parsed = cacheSchema.safeParse(parseJson(text));
  if (!parsed.success) return isOlder(text) ? {} : { damage: damaged(path, 'it is no cache of labels') };
  if (parsed.data.key !== key) return {};
  const scan = parsed.data.sha256 === sha256(parsed.data.scan) ? parseJson(parsed.data.scan) : undefined;
  const checked = scanSchema.safeParse(scan);
  return checked.success
    ? { scan: fromStored(checked.data) }
    : { damage: damaged(path, 'its checksum differs') };
}

const damaged = (path: string, reason: string) => `${path}: the label cache is made again: ${reason}`;

/** Whether a file is a cache of another version. */
const isOlder = (text: string) => /^\{"format":"froyolo-labels","version":[0-24-9]/.test(text);

/** Writes the cache; returns a warning if the folder isn't writable. */
export async function writeScan(path: string, key: string, result: ScanResult): Promise<string | undefined> {
  try {
    const scan = JSON.stringify(toStored(result));
    const content = { format: 'froyolo-labels', version: 3, key, sha256: sha256(scan), scan };
    await writeAtomic(path, JSON.stringify(content));
    return undefined;
  } catch (error) {
    return `${path}: labels are not cached: ${reasonOf(error)}`;
  }
}

function toStored({ images, warnings, counts }: ScanResult): StoredScan {
  const stored = images.map(({ labels, segments, ...image }) => ({
    ...image,
    labels: Array.from(labels),
    ...(segments ? { segments: segments.map((points) => (points ? Array.from(points) : [])) } : {}),
  }));
  return { images: stored, warnings, counts };
}

function fromStored({ images, ...rest }: StoredScan): ScanResult {
  const restored = images.map(({ labels, segments, ...image }) => ({
    ...image,
    labels: Float32Array.from(labels),
    ...(segments
      ? { segments: segments.map((points) => (points.length > 0 ? Float32Array.from(points) : undefined)) }
      : {}),
  }));
  return { images: restored, ...rest };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
