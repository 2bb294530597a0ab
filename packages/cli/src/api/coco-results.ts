/** Detections and labels of a validation as COCO's JSON, for evaluators that read it. */
import { basename, extname } from 'node:path';
import { LABEL_ROW } from '@froyolo/data';
import type { Dataset } from '@froyolo/data/node';
import type { ImageDetections } from '@froyolo/yolo';

/** COCO numbers its 80 classes from 1 to 90: these numbers have none. */
const UNUSED_IDS = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83];
const COCO_IDS = Array.from({ length: 90 }, (_, i) => i + 1).filter((id) => !UNUSED_IDS.includes(id));

/** Numbers of classes in the JSON: those of COCO for COCO's own validation images, else the places of the classes. */
export function categoryIds(classes: number, split: readonly string[]): readonly number[] {
  const isCoco = classes === COCO_IDS.length && split.some((entry) => /coco[/\\]val2017\.txt$/.test(entry));
  return isCoco ? COCO_IDS : Array.from({ length: classes }, (_, i) => i);
}

/** The number that a file's name is, as COCO's names are; else the name. */
export function imageId(path: string): number | string {
  const stem = basename(path, extname(path));
  return /^\d+$/.test(stem) ? Number(stem) : stem;
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** Corners as left, top, width and height, in thousandths of a pixel. */
function cocoBox([x1, y1, x2, y2]: readonly [number, number, number, number]): number[] {
  return [x1, y1, x2 - x1, y2 - y1].map((value) => rounded(value, 3));
}

/** Collects detections image by image. */
export class CocoPredictions {
  readonly #ids: readonly number[];
  readonly #rows: string[] = [];

  constructor(ids: readonly number[]) {
    this.#ids = ids;
  }

  add({ path, detections }: Pick<ImageDetections, 'path' | 'detections'>): void {
    const id = imageId(path);
    for (const { classId, box, confidence } of detections) {
      const category_id = this.#ids[classId] ?? classId;
      this.#rows.push(
        JSON.stringify({ image_id: id, category_id, bbox: cocoBox(box), score: rounded(confidence, 5) }),
      );
    }
  }

  /** The whole file. */
  get json(): string {
    return `[${this.#rows.join(',\n')}]\n`;
  }
}

/** The labels of the images, as the annotations that detections are compared with. */
export function cocoAnnotations(
  { images, names }: Pick<Dataset, 'images' | 'names'>,
  ids: readonly number[],
): object {
  let count = 0;
  return {
    info: {},
    licenses: [],
    images: images.map(({ path, width, height }) => ({
      id: imageId(path),
      file_name: basename(path),
      width,
      height,
    })),
    annotations: images.flatMap(({ path, width, height, labels }) =>
      Array.from({ length: labels.length / LABEL_ROW.width }, (_, row) => {
        const value = (column: keyof typeof LABEL_ROW.at) =>
          labels[row * LABEL_ROW.width + LABEL_ROW.at[column]] ?? 0;
        const [w, h] = [value('w') * width, value('h') * height];
        const [left, top] = [value('cx') * width - w / 2, value('cy') * height - h / 2];
        return {
          id: ++count,
          image_id: imageId(path),
          category_id: ids[value('cls')] ?? value('cls'),
          bbox: cocoBox([left, top, left + w, top + h]),
          area: rounded(w * h, 3),
          iscrowd: 0,
        };
      }),
    ),
    categories: names.map((name, index) => ({ id: ids[index] ?? index, name })),
  };
}
