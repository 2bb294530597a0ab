/** Label files that are opened after their pictures, and matched with them by name. */
import { DatasetError, withoutTaskPrefix } from '@froyolo/data';
import { type OpenedDatasets, openDatasets, type SourceFile } from '@froyolo/data/browser';
import { fileOf } from '../library/pictures.js';
import type { Picture } from '../library/types.js';
import type { OnProgress } from './api.js';
import { baseNameOf, stemOf } from './names.js';

/** A file of one picture's labels. */
const OF_ONE = /\.(txt|xml)$/i;
/** Files about all pictures: class names, COCO's annotations. */
const OF_ALL = /(\.(json|ya?ml|names|labels)|(^|\/)(classes|labels)\.txt)$/i;

export interface MatchedLabels {
  /** Label files by the number of their picture. */
  readonly matched: ReadonlyMap<number, SourceFile>;
  /** A line for each file whose name matches no picture, or several. */
  readonly unused: readonly string[];
}

/** Finds the picture of each label file. */
export function matchLabels(
  files: readonly SourceFile[],
  pictures: readonly Pick<Picture, 'id' | 'path'>[],
): MatchedLabels {
  const byStem = new Map<string, { readonly id: number }[]>();
  for (const { id, path } of pictures)
    byStem.set(stemOf(path), [...(byStem.get(stemOf(path)) ?? []), { id }]);
  const matched = new Map<number, SourceFile>();
  const unused: string[] = [];
  for (const file of files.filter(({ path }) => OF_ONE.test(path))) {
    const stem = stemOf(file.path);
    const called = byStem.get(stem) ?? byStem.get(withoutTaskPrefix(stem)) ?? [];
    const [only] = called;
    if (only && called.length === 1 && !matched.has(only.id)) matched.set(only.id, file);
    else if (only) unused.push(`${file.path}: more than one file is called ${stem} (not used)`);
    else if (!OF_ALL.test(file.path)) unused.push(`${file.path}: no picture is called so (not used)`);
  }
  return { matched, unused };
}

export interface OpenedLabels {
  readonly datasets: OpenedDatasets;
  /** By the paths that the datasets have. */
  readonly pictures: ReadonlyMap<string, Picture>;
  readonly unused: readonly string[];
}

/** @throws DatasetError where no file is about one of the pictures; ConfigError for a bad YAML */
export async function openLabels(
  files: readonly SourceFile[],
  kept: readonly Picture[],
  onProgress: OnProgress,
): Promise<OpenedLabels> {
  const { matched, unused } = matchLabels(files, kept);
  const isCoco = matched.size === 0 && files.some(({ path }) => /\.json$/i.test(path));
  const about = isCoco ? kept : kept.filter(({ id }) => matched.has(id));
  if (about.length === 0) throw new DatasetError(noneFits(files, kept));
  const pictures = new Map(about.map((picture) => [baseNameOf(picture.path), picture]));
  // Ignores folders: pictures and labels may be in different ones.
  const sources = [...pictures].map(async ([path, picture]) => ({ path, blob: await fileOf(picture) }));
  const labels = [...matched].map(([, { path, blob }]) => ({ path: baseNameOf(path), blob }));
  const others = files.filter(({ path }) => OF_ALL.test(path));
  const datasets = await openDatasets([...(await Promise.all(sources)), ...labels, ...others], {
    onProgress,
  });
  return { datasets, pictures, unused };
}

function noneFits(files: readonly SourceFile[], kept: readonly Picture[]): string {
  const labels = files.filter(({ path }) => OF_ONE.test(path) || OF_ALL.test(path));
  const formats = 'JPEG, PNG, WebP, GIF, BMP, AVIF';
  if (labels.length === 0 || kept.length === 0)
    return `none of the ${files.length} opened files is a picture (${formats})`;
  return `none of the ${labels.length} files of labels is called like one of the ${kept.length} pictures of the project`;
}
