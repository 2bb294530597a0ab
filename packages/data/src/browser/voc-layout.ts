/** Datasets in Pascal VOC's layout: an XML file of boxes for each image. */
import { isCounted, parseVocAnnotation, type VocObject, vocLabels } from '../voc-annotation.js';
import { type FileIndex, stemOf } from './file-index.js';
import type { Layout } from './layout.js';
import { type Splits, splitByFolder } from './splits.js';

/** The layout of images with VOC annotations, or undefined where there are none. */
export async function vocLayout(index: FileIndex): Promise<Layout | undefined> {
  const files = new Map(
    [...index.paths].filter((path) => /\.xml$/i.test(path)).map((path) => [stemOf(path), path]),
  );
  const annotated = index.images.filter((image) => files.has(stemOf(image)));
  if (annotated.length === 0) return undefined;
  const objects = new Map<string, VocObject[]>();
  for (const image of annotated) {
    const file = files.get(stemOf(image))!;
    objects.set(image, parseVocAnnotation(await index.text(file), file).filter(isCounted));
  }
  const names = [...new Set([...objects.values()].flat().map(({ name }) => name))].sort();
  return {
    ...((await listedSplits(index, annotated)) ?? splitByFolder(annotated)),
    names,
    async labelsOf(path, size) {
      const warnings: string[] = [];
      const file = files.get(stemOf(path))!;
      const labels = Float32Array.from(vocLabels(objects.get(path)!, names, size, file, warnings));
      return { labels, warnings, missing: false };
    },
  };
}

/** Splits by the lists of `ImageSets/Main`, where they are. */
async function listedSplits(index: FileIndex, images: readonly string[]): Promise<Splits | undefined> {
  const listed = async (name: string) => {
    const file = [...index.paths].find((path) => new RegExp(`(^|/)ImageSets/Main/${name}\\.txt$`).test(path));
    const lines = file ? (await index.text(file)).split('\n') : [];
    // Lists per class have a second column.
    const stems = new Set(lines.map((line) => line.trim().split(/\s+/)[0]!));
    return images.filter((image) => stems.has(stemOf(image)));
  };
  const [train, val] = [await listed('train'), await listed('val')];
  return train.length > 0 && val.length > 0 ? { train, val, notes: [] } : undefined;
}
