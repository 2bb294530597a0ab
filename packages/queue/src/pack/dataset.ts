/** A dataset as one archive: the images of train and val in their order, their labels, and a YAML that names them. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DiskLabels, listSplit, loadDatasetConfig } from '@froyolo/data/node';
import { type Pack, pack } from 'tar-stream';
import type { Blob } from '../protocol.js';
import type { Content } from '../store/store.js';
import { sumOf } from '../store/sums.js';

/** Names of the archive's own files. */
export const DATA_YAML = 'data.yaml';

interface Entry {
  readonly name: string;
  /** Its text, or the file that it is. */
  readonly source: { readonly text: string } | { readonly file: string };
}

/**
 * Packs a dataset. Nothing of it depends on where it lies or when its files were written, so that the same dataset has the
 * same name everywhere.
 * @param data dataset YAML
 * @throws ConfigError, DatasetError if it can't be read
 */
export async function packDataset(data: string): Promise<Content & Blob> {
  const entries = await entriesOf(data);
  const open = () => archiveOf(entries);
  return { ...(await sumOf(open())), open };
}

async function entriesOf(data: string): Promise<Entry[]> {
  const config = await loadDatasetConfig(data);
  const root = resolve(config.path ?? '.');
  const train = await listSplit(config, 'train', root, data);
  const val = await listSplit(config, 'val', root, data);
  const images = [...new Set([...train, ...val])];
  const names = new Map(images.map((path, i) => [path, imageName(path, i)]));
  const list = (paths: readonly string[]) => paths.map((path) => `./${names.get(path)}\n`).join('');
  const yaml = `path: .\ntrain: train.txt\nval: val.txt\nnames: ${JSON.stringify(config.names)}\n`;
  const labels = new DiskLabels();
  const files = await Promise.all(images.map((path) => filesOf(path, names.get(path) ?? '', labels)));
  return [
    { name: DATA_YAML, source: { text: yaml } },
    { name: 'train.txt', source: { text: list(train) } },
    { name: 'val.txt', source: { text: list(val) } },
    ...files.flat(),
  ];
}

/** Numbered, since images of several folders may share a name; what some file system refuses in a name is left out. */
function imageName(path: string, index: number): string {
  const extension = extname(path);
  const name = basename(path, extension)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 60);
  return `images/${String(index).padStart(6, '0')}-${name}${extension.replace(/[^\w.]/g, '_')}`;
}

/** An image and its labels. What is listed and isn't a file is missing on the worker as it is here. */
async function filesOf(image: string, name: string, labels: DiskLabels): Promise<Entry[]> {
  const label = await labels.find(image);
  const labelName = name.replace(/^images/, 'labels').replace(/\.[^.]*$/, '.txt');
  const files = [{ name, file: image }, ...(label === undefined ? [] : [{ name: labelName, file: label }])];
  const kept = await Promise.all(files.map(async (one) => ((await isFile(one.file)) ? [one] : [])));
  return kept.flat().map((one) => ({ name: one.name, source: { file: one.file } }));
}

const isFile = (path: string) =>
  stat(path).then(
    (info) => info.isFile(),
    () => false,
  );

function archiveOf(entries: readonly Entry[]): Readable {
  const archive = pack();
  writeEntries(archive, entries).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive);
}

async function writeEntries(archive: Pack, entries: readonly Entry[]): Promise<void> {
  for (const { name, source } of entries) {
    const { size, content } = await contentOf(source);
    const entry = archive.entry({ name, size, mtime: new Date(0), mode: 0o644, type: 'file' });
    await pipeline(content, entry);
  }
}

/** The size stands in the archive before the content: a file that grows meanwhile is cut, one that shrinks is an error. */
async function contentOf(source: Entry['source']): Promise<{ size: number; content: Readable }> {
  if ('text' in source) {
    const bytes = Buffer.from(source.text);
    return { size: bytes.length, content: Readable.from([bytes]) };
  }
  const { size } = await stat(source.file);
  return { size, content: size === 0 ? Readable.from([]) : createReadStream(source.file, { end: size - 1 }) };
}
