/** Frames out of a pipe, as PPM images: each says its own size. */
import type { RgbImage } from '@froyolo/data';
import { LIMITS } from '@froyolo/data';
import { VideoError } from './errors.js';

/** `P6`, width, height, 255, each with one white space behind it. */
const HEADER = /^P6\s(\d+)\s(\d+)\s255\s/;
const LONGEST_HEADER = 32;

/** Puts frames together from pieces of any length; holds one unfinished frame. */
export class PpmReader {
  #header = '';
  #frame: { readonly image: RgbImage; filled: number } | undefined;

  /** Takes a piece and returns the frames that it completes. */
  push(chunk: Uint8Array): RgbImage[] {
    const done: RgbImage[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (!this.#frame) at += this.#readHeader(chunk.subarray(at, at + LONGEST_HEADER));
      if (!this.#frame) continue;
      const { image, filled } = this.#frame;
      const part = chunk.subarray(at, at + image.data.length - filled);
      image.data.set(part, filled);
      at += part.length;
      this.#frame.filled += part.length;
      if (this.#frame.filled < image.data.length) continue;
      done.push(image);
      this.#frame = undefined;
    }
    return done;
  }

  /** @returns the bytes of the piece that belong to the header */
  #readHeader(piece: Uint8Array): number {
    const before = this.#header.length;
    const text = this.#header + Buffer.from(piece).toString('latin1');
    const [header, width, height] = HEADER.exec(text) ?? [];
    if (header === undefined) {
      if (text.length >= LONGEST_HEADER) throw new VideoError('ffmpeg sent something that is no frame');
      this.#header = text;
      return piece.length;
    }
    this.#frame = { image: emptyFrame(Number(width), Number(height)), filled: 0 };
    this.#header = '';
    return header.length - before;
  }
}

function emptyFrame(width: number, height: number): RgbImage {
  if (width * height > LIMITS.pixels)
    throw new VideoError(
      `frames of ${width}x${height} pixels: at most ${LIMITS.pixels / 1e6} million are read`,
    );
  return { width, height, data: new Uint8Array(width * height * 3) };
}
