/** Datasets with annotations in COCO's or Pascal VOC's format. */
import { labelRowsOf } from '../convert/annotated.js';
import { ConversionLog } from '../convert/log.js';
import { findFormat, openAnnotated } from '../convert/open.js';
import { LabelError } from '../errors.js';
import type { FileIndex } from './file-index.js';
import type { Layout } from './layout.js';

/** The layout of images with such annotations; undefined without any. */
export async function annotatedLayout(index: FileIndex): Promise<Layout | undefined> {
  const format = await findFormat(index);
  if (!format) return undefined;
  const { crowdsKept, ...dataset } = await openKeepingCrowds(index, format);
  const { splits, names, notes, log } = dataset;
  const { train, val } = splits.train.length > 0 ? splits : { train: splits.val, val: splits.val };
  const images = new Map([...train, ...val].map((image) => [image.path, image]));
  const crowdNote = crowdsKept
    ? ['All objects are marked as crowds, as masks often are: their boxes are used.']
    : [];
  return {
    train: train.map(({ path }) => path),
    val: (val.length > 0 ? val : train).map(({ path }) => path),
    names,
    notes: [...notes, ...crowdNote],
    warnings: log.warnings,
    async labelsOf(path, size) {
      const image = images.get(path);
      if (!image) return { labels: new Float32Array(), warnings: [], missing: true };
      const own = new ConversionLog();
      const rows = labelRowsOf(image, names, size, own);
      if (!rows) throw new LabelError(path, undefined, own.warnings[0] ?? 'its boxes fit no image');
      return { labels: Float32Array.from(rows), warnings: own.warnings, missing: false };
    },
  };
}

/** CVAT marks every mask as a crowd: without other objects, crowds count as objects. */
async function openKeepingCrowds(index: FileIndex, format: 'coco' | 'voc') {
  try {
    return { ...(await openAnnotated(index, format, 'what was opened')), crowdsKept: false };
  } catch (error) {
    const kept = await openAnnotated(index, format, 'what was opened', { keepCrowds: true }).catch(
      () => undefined,
    );
    if (!kept) throw error;
    return { ...kept, crowdsKept: true };
  }
}
