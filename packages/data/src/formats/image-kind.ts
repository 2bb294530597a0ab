/** Detects image formats by their first bytes: names can be wrong, and decoders read more formats than we allow. */

export type ImageKind = 'JPEG' | 'PNG' | 'GIF' | 'WebP' | 'TIFF' | 'AVIF' | 'BMP';

/** Bytes from the start of a file that {@link imageKindOf} looks at. */
export const KIND_BYTES = 16;

const AVIF_BRANDS = ['avif', 'avis'];
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/** The format, or undefined for one that is not decoded. */
export function imageKindOf(start: Uint8Array): ImageKind | undefined {
  const text = (from: number, to: number) => String.fromCharCode(...start.subarray(from, to));
  if (start[0] === 0xff && start[1] === 0xd8 && start[2] === 0xff) return 'JPEG';
  if (text(0, 8) === '\u0089PNG\r\n\u001a\n') return 'PNG';
  if (/^GIF8[79]a$/.test(text(0, 6))) return 'GIF';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'WebP';
  if (/^(II[*+]\0|MM\0[*+])$/.test(text(0, 4))) return 'TIFF';
  if (text(4, 8) === 'ftyp' && AVIF_BRANDS.includes(text(8, 12))) return 'AVIF';
  return text(0, 2) === 'BM' ? 'BMP' : undefined;
}

/** Describes bytes that {@link imageKindOf} doesn't know, for a message. */
export function describeForeign(start: Uint8Array): string {
  const text = String.fromCharCode(...start.subarray(0, KIND_BYTES));
  if (start.length === 0) return 'the file is empty';
  if (text.slice(4, 8) === 'ftyp' && HEIC_BRANDS.includes(text.slice(8, 12)))
    return "HEIC can't be read; convert it to PNG or JPEG";
  if (/^(\u00ef\u00bb\u00bf)?\s*<(\?xml|svg|!DOCTYPE svg)/i.test(text))
    return "SVG and XML can't be read; convert it to PNG or JPEG";
  if (text.startsWith('version https://'))
    return 'it is a Git LFS pointer; fetch the image with "git lfs pull"';
  if (/^\s*<(!DOCTYPE )?html/i.test(text)) return 'it is a web page, not an image; download it again';
  return "isn't an image that can be read (JPEG, PNG, WebP, TIFF, GIF, AVIF or BMP)";
}
