import { rename } from 'node:fs/promises';
import sharp from 'sharp';

/** White between two pictures, in pixels. */
const GAP = 4;

/**
 * Writes pictures of one size into one JPEG file, row by row with a white gap between. Every picture takes the size of
 * the first one. The file appears only when it is complete.
 */
export async function writeContactSheet(rows: readonly (readonly string[])[], out: string): Promise<void> {
  const { width, height } = await sharp(rows[0][0]).metadata();
  const place = async (file: string, row: number, column: number) => ({
    input: await sharp(file).resize(width, height).toBuffer(),
    left: column * (width + GAP),
    top: row * (height + GAP),
  });
  const tiles = rows.flatMap((files, row) => files.map((file, column) => place(file, row, column)));
  const sheet = {
    width: Math.max(...rows.map((files) => files.length)) * (width + GAP) - GAP,
    height: rows.length * (height + GAP) - GAP,
    channels: 3 as const,
    background: 'white',
  };
  const partial = `${out}.partial-${process.pid}`;
  await sharp({ create: sheet })
    .composite(await Promise.all(tiles))
    .jpeg({ quality: 85, mozjpeg: true })
    .toFile(partial);
  await rename(partial, out);
}
