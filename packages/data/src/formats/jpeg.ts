/** The structure of JPEG files: finds damage that decoders ignore or notice late. */

/** Markers without a length: TEM, RST0 to RST7, SOI. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
/** Start of frame, which holds the size; 0xc4, 0xc8 and 0xcc are tables. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const SCAN = 0xda;
const QUANTIZATION = 0xdb;
const END = 0xd9;

/**
 * Why a JPEG is damaged or cut short, or undefined: its segments follow one another to the first scan, what the scan
 * needs is there, and an end marker closes it. The compressed pixels are not looked at.
 */
export function jpegProblem(bytes: Uint8Array): string | undefined {
  const seen = new Set<number>();
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return `the JPEG is damaged: no segment begins at byte ${at}`;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff || isBare(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    seen.add(isFrame(marker) ? 0xc0 : marker);
    if (marker === SCAN) return scanProblem(bytes, seen, at);
    if (marker === END) break;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2) return `the JPEG is damaged: its segment at byte ${at} has no length`;
    at += 2 + length;
  }
  return 'the JPEG is cut short';
}

function scanProblem(bytes: Uint8Array, seen: ReadonlySet<number>, at: number): string | undefined {
  if (!seen.has(0xc0)) return 'the JPEG is damaged: its frame is missing';
  if (!seen.has(QUANTIZATION)) return 'the JPEG is damaged: its quantization tables are missing';
  // Cameras append thumbnails or padding: the marker may stand anywhere after the scan began.
  for (let i = bytes.length - 2; i > at; i--) if (bytes[i] === 0xff && bytes[i + 1] === END) return undefined;
  return 'the JPEG is cut short';
}
