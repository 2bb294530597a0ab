/** Looks at the images and labels of a dataset, one by one. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import sharp from 'sharp';
import { differenceHash, type Fingerprint } from '../check/duplicates.js';
import { type Finding, finding } from '../check/findings.js';
import { checkLabels } from '../check/labels.js';
import type { CheckedImage } from '../check/statistics.js';
import { MIN_SIDE } from '../dataset.js';
import { type DatasetConfig, SPLITS, type Split } from '../dataset-yaml.js';
import { DatasetError, ImageError, LabelError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { printable } from '../text.js';
import { listSplit } from './dataset.js';
import { readBounded, reasonOf } from './files.js';
import { checkImage, decodeImage } from './image-file.js';
import { DiskLabels } from './label-files.js';

/** Collects what is found, image by image. */
export class Inspection {
  readonly config: DatasetConfig;
  readonly findings: Finding[] = [];
  readonly #root: string;
  readonly #imgsz: number;
  readonly #labels = new DiskLabels();
  readonly #images: { image: CheckedImage; print: Fingerprint }[] = [];
  readonly #unknownClasses: number[] = [];
  readonly #labelFiles = new Set<string>();
  readonly #seen = new Map<string, Split>();

  constructor(config: DatasetConfig, root: string, imgsz: number) {
    this.config = config;
    this.#root = root;
    this.#imgsz = imgsz;
  }

  /** The images of each split that the YAML names. */
  async list(yaml: string): Promise<{ split: Split; paths: readonly string[] }[]> {
    const listed: { split: Split; paths: readonly string[] }[] = [];
    for (const split of SPLITS) {
      if (this.config[split].length === 0) {
        if (split !== 'test')
          this.findings.push(finding('bad-split', { split, file: yaml }, `no "${split}" entry`));
        continue;
      }
      try {
        listed.push({ split, paths: await listSplit(this.config, split, this.config.path ?? '.', yaml) });
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        this.findings.push(finding('bad-split', { split, file: yaml }, error.what));
      }
    }
    return listed;
  }

  async image(path: string, split: Split): Promise<void> {
    const first = this.#seen.get(path);
    this.#seen.set(path, first ?? split);
    if (first !== undefined && first !== split) return this.#repeat(path, split);
    const place = { split, file: this.#shown(path) };
    try {
      const bytes = await readBounded(path, LIMITS.imageBytes).catch((error: unknown) => {
        throw new ImageError(path, reasonOf(error));
      });
      const { width, height } = await checkImage(bytes);
      if (Math.min(width, height) < MIN_SIDE) throw new ImageError(path, `${width}x${height} is too small`);
      const print = { file: place.file, split, ...(await fingerprint(bytes)) };
      const labels = await this.#labelsOf(path, split, { width, height });
      this.#images.push({ image: { path, split, width, height, ...labels }, print });
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.#labelFiles.add((await this.#labels.find(path).catch(() => undefined)) ?? '');
      this.findings.push(finding('bad-image', place, error.message.replace(/^[^:]*: /, '')));
    }
  }

  /** Copies an image from another split without its problems: these are reported once. */
  #repeat(path: string, split: Split): void {
    const known = this.#images.find(({ image }) => image.path === path);
    if (known) this.#images.push({ image: { ...known.image, split }, print: { ...known.print, split } });
  }

  async #labelsOf(
    path: string,
    split: Split,
    size: { width: number; height: number },
  ): Promise<Pick<CheckedImage, 'rows' | 'isLeftOut'>> {
    const file = await this.#labels.find(path);
    if (file === undefined) {
      this.findings.push(
        finding('missing-labels', { split, file: this.#shown(path) }, 'no label file: a background'),
      );
      return { rows: [], isLeftOut: false };
    }
    this.#labelFiles.add(file);
    const shown = this.#shown(file);
    const text = await this.#labels.read(file).catch((error: unknown) => {
      if (!(error instanceof LabelError)) throw error;
      this.findings.push(finding('bad-label', { split, file: shown }, error.reason));
      return undefined;
    });
    if (text === undefined) return { rows: [], isLeftOut: true };
    const numClasses = this.config.names.length;
    const checked = checkLabels(text, { file: shown, split, numClasses, size, imgsz: this.#imgsz });
    this.findings.push(...checked.findings);
    this.#unknownClasses.push(...checked.unknownClasses);
    const isLeftOut = checked.findings.some(({ kind }) => kind === 'bad-label');
    return { rows: checked.rows, isLeftOut };
  }

  /** Label files in the folders of labels that belong to no image. */
  async orphans(): Promise<void> {
    for (const folder of new Set([...this.#labelFiles].filter((file) => file !== '').map(dirname))) {
      for (const name of await readdir(folder).catch(() => [])) {
        const file = join(folder, name);
        const isLabel = /\.txt$/i.test(name) && !/^(classes|labels|readme\..*)\.txt$/i.test(name);
        if (isLabel && !this.#labelFiles.has(file))
          this.findings.push(
            finding('label-without-image', { file: this.#shown(file) }, 'no image of this name in any split'),
          );
      }
    }
  }

  countedFromOne(yaml: string): Finding[] {
    const count = this.config.names.length;
    const hasZero = this.readable().some(({ rows }) => rows.some(([cls]) => cls === 0));
    if (this.#unknownClasses.length === 0 || hasZero || this.#unknownClasses.some((cls) => cls !== count))
      return [];
    const message = `the labels seem to count classes from 1 to ${count}: none has class 0`;
    return [finding('classes-from-one', { file: yaml }, message)];
  }

  /** Images that can be read, in the order of their paths; those whose labels can't be used are among them. */
  readable(): CheckedImage[] {
    return this.#sorted().map(({ image }) => image);
  }

  /** Lists evaluation splits first: of two copies, the one in the training set is the duplicate. */
  fingerprints(): Fingerprint[] {
    const order: readonly Split[] = ['test', 'val', 'train'];
    return this.#sorted()
      .map(({ print }) => print)
      .sort((a, b) => order.indexOf(a.split) - order.indexOf(b.split));
  }

  isAmong(image: CheckedImage, paths: ReadonlySet<string>): boolean {
    return paths.has(this.#shown(image.path));
  }

  #sorted() {
    return [...this.#images].sort((a, b) => (a.image.path < b.image.path ? -1 : 1));
  }

  #shown(path: string): string {
    return printable(relative(this.#root, path)) || path;
  }
}

async function fingerprint(bytes: Uint8Array): Promise<Pick<Fingerprint, 'sha256' | 'hash' | 'hasContent'>> {
  const { data, width, height } = await decodeImage(bytes);
  const gray = await sharp(data, { raw: { width, height, channels: 3 } })
    .greyscale()
    .resize(9, 8, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { sha256: createHash('sha256').update(bytes).digest('hex'), ...differenceHash(gray) };
}
