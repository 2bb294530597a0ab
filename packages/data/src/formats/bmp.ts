/** Windows bitmaps, which the image library can't read: uncompressed, with 1, 4, 8, 16, 24 or 32 bits per pixel. */
import { createImage, type RgbImage } from '../image.js';
import { LIMITS } from '../limits.js';

const FILE_HEADER = 14;
const INFO_HEADER = 40;
const MAX_PIXELS = LIMITS.pixels;
const COMPRESSIONS = ['none', 'RLE8', 'RLE4', 'bit fields', 'JPEG', 'PNG', 'bit fields with alpha'];
const BIT_FIELDS = [3, 6];
const DEPTHS = [1, 4, 8, 16, 24, 32];

interface Header {
  readonly width: number;
  readonly height: number;
  /** Rows come from the bottom up, unless the height in the file is negative. */
  readonly topDown: boolean;
  readonly depth: number;
  readonly compression: number;
  /** Where the pixels start, the color table, and how many colors it has. */
  readonly pixels: number;
  readonly palette: number;
  readonly colors: number;
}

/** Whether bytes begin as a bitmap does. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** Bytes from the start of a file that {@link bmpSize} looks at. */
const BMP_HEADER_BYTES = FILE_HEADER + INFO_HEADER;

/** Width and height from the first bytes of a bitmap. Throws a RangeError on what {@link decodeBmp} can't read. */
export function bmpSize(bytes: Uint8Array): { width: number; height: number } {
  const { width, height } = readHeader(viewOf(bytes));
  return { width, height };
}

/**
 * Decodes a bitmap; alpha is dropped.
 * @throws RangeError when it is cut short, compressed, or not a bitmap
 */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const view = viewOf(bytes);
  const header = readHeader(view);
  const { width, height, topDown, depth, pixels } = header;
  const stride = Math.ceil((width * depth) / 32) * 4;
  if (pixels + stride * height > bytes.length)
    throw new RangeError(`bitmap cut short: ${bytes.length} of ${pixels + stride * height} bytes`);
  const image = createImage(width, height);
  const putRow = rowReader(view, header);
  for (let y = 0; y < height; y++) {
    const row = topDown ? y : height - 1 - y;
    putRow(pixels + row * stride, image.data.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return image;
}

function viewOf(bytes: Uint8Array): DataView {
  if (!isBmp(bytes) || bytes.length < BMP_HEADER_BYTES) throw new RangeError('not a whole bitmap header');
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readHeader(view: DataView): Header {
  const size = view.getUint32(FILE_HEADER, true);
  if (size < INFO_HEADER)
    throw new RangeError(`a bitmap header of ${size} bytes isn't supported; save it as PNG`);
  const [width, tall] = [view.getInt32(18, true), view.getInt32(22, true)];
  const [depth, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  const height = Math.abs(tall);
  if (width <= 0 || height === 0 || width * height > MAX_PIXELS)
    throw new RangeError(`a bitmap of ${width}x${height} pixels can't be read`);
  if (compression !== 0 && !BIT_FIELDS.includes(compression))
    throw new RangeError(
      `a bitmap with compression ${COMPRESSIONS[compression] ?? compression} isn't supported; save it as PNG`,
    );
  if (!DEPTHS.includes(depth)) throw new RangeError(`a bitmap of ${depth} bits a pixel isn't supported`);
  return {
    width,
    height,
    topDown: tall < 0,
    depth,
    compression,
    pixels: view.getUint32(10, true),
    palette: FILE_HEADER + size,
    colors: depth > 8 ? 0 : view.getUint32(46, true) || 2 ** depth,
  };
}

/** Reads the row at `offset` into `out`, RGB. */
type RowReader = (offset: number, out: Uint8Array) => void;

function rowReader(view: DataView, header: Header): RowReader {
  if (header.depth <= 8) return paletteReader(view, header);
  if (header.depth === 24) return bgrReader(view);
  return maskReader(view, header);
}

function bgrReader(view: DataView): RowReader {
  return (offset, out) => {
    for (let i = 0; i < out.length; i++) out[i] = view.getUint8(offset + i + 2 - 2 * (i % 3));
  };
}

function paletteReader(view: DataView, { depth, palette, colors, pixels }: Header): RowReader {
  if (colors > 256 || palette + colors * 4 > pixels)
    throw new RangeError(
      `a bitmap with a color table of ${colors} entries that doesn't fit before its pixels`,
    );
  const perByte = 8 / depth;
  return (offset, out) => {
    for (let x = 0, o = 0; o < out.length; x++, o += 3) {
      const shift = 8 - depth * ((x % perByte) + 1);
      const index = (view.getUint8(offset + Math.floor(x / perByte)) >> shift) & (2 ** depth - 1);
      // A color that the table lacks stays black.
      if (index >= colors) continue;
      for (let c = 0; c < 3; c++) out[o + c] = view.getUint8(palette + index * 4 + 2 - c);
    }
  };
}

/** Reads pixels of 16 or 32 bits with channel masks: those after the header if it has bit fields, else the usual ones. */
function maskReader(view: DataView, { depth, compression }: Header): RowReader {
  const usual = depth === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0xff00, 0xff];
  const given = BIT_FIELDS.includes(compression) && view.byteLength >= BMP_HEADER_BYTES + 12;
  const masks = given ? [0, 4, 8].map((at) => view.getUint32(BMP_HEADER_BYTES + at, true)) : usual;
  const channels = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, max: Math.max(mask >>> shift, 1) };
  });
  const bytes = depth / 8;
  return (offset, out) => {
    for (let o = 0, at = offset; o < out.length; o += 3, at += bytes) {
      const pixel = depth === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
      channels.forEach(({ mask, shift, max }, c) => {
        out[o + c] = Math.round((((pixel & mask) >>> shift) * 255) / max);
      });
    }
  };
}
