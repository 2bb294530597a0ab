import { join } from 'node:path';
import { decodeImage, encodeImage, openDataset } from '@froyolo/data/node';
import sharp from 'sharp';
import type { FuzzKind } from '../kind.js';

const pixels = { width: 40, height: 30, data: Uint8Array.from({ length: 3600 }, (_, i) => (i * 7) & 255) };
const raw = { raw: { width: 40, height: 30, channels: 3 as const } };

/** An uncompressed bitmap of 24 bits. */
function bitmap(): Uint8Array {
  const bytes = new Uint8Array(54 + 40 * 30 * 3);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  for (const [at, value] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, 40],
    [22, 30],
    [28, 24],
  ] as const)
    view.setUint32(at, value, true);
  view.setUint16(26, 1, true);
  bytes.set(pixels.data, 54);
  return bytes;
}

/** An image in a dataset: used, or left out with a warning; what the scan keeps can be decoded or is told. */
function imageKind(name: string, extension: string, make: () => Promise<Uint8Array>): FuzzKind {
  const file = `damaged.${extension}`;
  return {
    name,
    file,
    seeds: async () => [await make()],
    async run(folder) {
      const config = { train: [file], val: [], test: [], names: ['a'] };
      const { images } = await openDataset(config, 'train', { root: folder, cacheLabels: false });
      if (images.length > 0) await decodeImage(join(folder, file));
    },
  };
}

const encoded = (format: 'webp' | 'tiff' | 'gif') => async () =>
  new Uint8Array(await sharp(pixels.data, raw).toFormat(format).toBuffer());

export const imageKinds: readonly FuzzKind[] = [
  imageKind('JPEG', 'jpg', () => encodeImage(pixels, 'jpg')),
  imageKind('PNG', 'png', () => encodeImage(pixels, 'png')),
  imageKind('BMP', 'bmp', async () => bitmap()),
  imageKind('WebP', 'webp', encoded('webp')),
  imageKind('TIFF', 'tif', encoded('tiff')),
  imageKind('GIF', 'gif', encoded('gif')),
];
