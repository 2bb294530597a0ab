import { describe, expect, test } from 'vitest';
// Bitmaps that Pillow wrote, with the RGB bytes that it reads from them.
import bitmaps from '../fixtures/bmp.json' with { type: 'json' };
import { bmpSize, decodeBmp, isBmp } from './bmp.js';

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

/** A bitmap by its header fields and what follows the header. */
function bitmap(
  { width = 3, height = 1, depth = 24, compression = 0, colors = 0, pixels = 54 },
  rest: readonly number[],
): Uint8Array {
  const bytes = new Uint8Array(54 + rest.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, pixels, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(28, depth, true);
  view.setUint32(30, compression, true);
  view.setUint32(46, colors, true);
  bytes.set(rest, 54);
  return bytes;
}

test.each(Object.entries(bitmaps))('%s: the pixels that Pillow reads', (_, { bmp, rgb }) => {
  const bytes = bytesOf(bmp);
  expect(isBmp(bytes)).toBe(true);
  expect(bmpSize(bytes)).toEqual({ width: 7, height: 5 });
  const { width, height, data } = decodeBmp(bytes);
  expect([width, height]).toEqual([7, 5]);
  expect(data).toEqual(bytesOf(rgb));
});

test('rows from the top, where the height is negative', () => {
  const rows = [1, 2, 3, 0, 4, 5, 6, 0];
  expect([...decodeBmp(bitmap({ width: 1, height: -2 }, rows)).data]).toEqual([3, 2, 1, 6, 5, 4]);
  expect([...decodeBmp(bitmap({ width: 1, height: 2 }, rows)).data]).toEqual([6, 5, 4, 3, 2, 1]);
});

test('four bits a pixel', () => {
  const table = [10, 20, 30, 0, 40, 50, 60, 0];
  const bytes = bitmap({ depth: 4, colors: 2, pixels: 62 }, [...table, 0x10, 0x10, 0, 0]);
  expect([...decodeBmp(bytes).data]).toEqual([60, 50, 40, 30, 20, 10, 60, 50, 40]);
});

test('sixteen bits a pixel: five for each channel, or as the masks say', () => {
  const white = bitmap({ width: 2, depth: 16 }, [0xff, 0x7f, 0x1f, 0x00]);
  expect([...decodeBmp(white).data]).toEqual([255, 255, 255, 0, 0, 255]);
  const masks = [0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
  const rgb565 = bitmap({ width: 2, depth: 16, compression: 3, pixels: 66 }, [
    ...masks,
    0xe0,
    0x07,
    0x00,
    0xf8,
  ]);
  expect([...decodeBmp(rgb565).data]).toEqual([0, 255, 0, 255, 0, 0]);
});

describe('what cannot be read says why', () => {
  test.each([
    ['cut short', bitmap({ height: 4 }, [0, 0, 0]), 'cut short: 57 of 102 bytes'],
    ['of the header only a part', bitmap({}, []).subarray(0, 30), 'not a whole bitmap header'],
    [
      'compressed',
      bitmap({ depth: 8, compression: 1 }, []),
      "compression RLE8 isn't supported; save it as PNG",
    ],
    ['huge', bitmap({ width: 2 ** 30, height: 2 ** 30 }, []), '1073741824x1073741824 pixels'],
    ['of odd depth', bitmap({ depth: 5 }, []), '5 bits a pixel'],
    [
      'with too large a table',
      bitmap({ depth: 8, colors: 1e9 }, [0, 0, 0, 0]),
      'color table of 1000000000 entries',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeBmp(bytes)).toThrow(message);
  });
});
