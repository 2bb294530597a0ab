/** Labels as the text files of YOLO, Pascal VOC and COCO. */
import { Document } from 'yaml';
import type { Picture } from '../library/types.js';

export interface NamedPicture {
  readonly picture: Picture;
  /** File name without its ending. */
  readonly stem: string;
  /** Path in the zip: `images/train/a.jpg`. */
  readonly image: string;
}

/** Text by path. */
type Files = Record<string, string>;

export function yoloFiles(names: readonly string[], pictures: readonly NamedPicture[]): Files {
  const heldOut = pictures.some(({ picture }) => picture.split === 'val');
  const val = heldOut ? 'images/val' : 'images/train';
  const files: Files = {
    'data.yaml': new Document({ path: '.', train: 'images/train', val, names: [...names] }).toString(),
  };
  for (const { picture, stem } of pictures) files[`labels/${picture.split}/${stem}.txt`] = yoloText(picture);
  return files;
}

function yoloText({ boxes, width, height }: Picture): string {
  return boxes
    .map(({ classId, box: [x1, y1, x2, y2] }) => {
      const values = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height];
      return `${[classId, ...values.map((value) => value.toFixed(6))].join(' ')}\n`;
    })
    .join('');
}

export function vocFiles(names: readonly string[], pictures: readonly NamedPicture[]): Files {
  const files: Files = {};
  for (const { picture, stem, image } of pictures)
    files[`Annotations/${stem}.xml`] = vocText(names, picture, image);
  for (const split of ['train', 'val'] as const)
    files[`ImageSets/Main/${split}.txt`] = pictures
      .filter(({ picture }) => picture.split === split)
      .map(({ stem }) => `${stem}\n`)
      .join('');
  return files;
}

/** Pixels count from 1 in Pascal VOC. */
function vocText(names: readonly string[], { boxes, width, height }: Picture, image: string): string {
  const slash = image.lastIndexOf('/');
  const objects = boxes.map(({ classId, box: [x1, y1, x2, y2] }) => {
    const sides = { xmin: x1 + 1, ymin: y1 + 1, xmax: x2 + 1, ymax: y2 + 1 };
    const box = Object.entries(sides).map(([side, value]) => `<${side}>${rounded(value)}</${side}>`);
    const name = `<name>${escaped(names[classId] ?? '')}</name>`;
    return `  <object>${name}<difficult>0</difficult><bndbox>${box.join('')}</bndbox></object>\n`;
  });
  return (
    `<annotation>\n  <folder>${escaped(image.slice(0, slash))}</folder>\n` +
    `  <filename>${escaped(image.slice(slash + 1))}</filename>\n` +
    `  <size><width>${width}</width><height>${height}</height><depth>3</depth></size>\n` +
    `${objects.join('')}</annotation>\n`
  );
}

const rounded = (value: number) => String(Math.round(value * 100) / 100);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

export function cocoFiles(names: readonly string[], pictures: readonly NamedPicture[]): Files {
  const files: Files = {};
  for (const split of ['train', 'val'] as const) {
    const some = pictures.filter(({ picture }) => picture.split === split);
    if (some.length > 0) files[`annotations/instances_${split}.json`] = cocoText(names, some);
  }
  return files;
}

function cocoText(names: readonly string[], pictures: readonly NamedPicture[]): string {
  const annotations = pictures.flatMap(({ picture }, image) =>
    picture.boxes.map(({ classId, box: [x1, y1, x2, y2] }) => ({
      image_id: image + 1,
      category_id: classId + 1,
      bbox: [x1, y1, x2 - x1, y2 - y1],
      area: (x2 - x1) * (y2 - y1),
      iscrowd: 0,
    })),
  );
  return JSON.stringify({
    images: pictures.map(({ picture: { width, height }, image }, i) => ({
      id: i + 1,
      file_name: image.slice(image.lastIndexOf('/') + 1),
      width,
      height,
    })),
    annotations: annotations.map((one, i) => ({ id: i + 1, ...one })),
    categories: names.map((name, i) => ({ id: i + 1, name })),
  });
}
