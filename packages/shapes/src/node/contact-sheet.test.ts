import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { writeContactSheet } from './contact-sheet.js';

test('a contact sheet has each picture in its place, and white elsewhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sheet-'));
  const plain = async (name: string, background: string) => {
    const file = join(folder, `${name}.png`);
    await sharp({ create: { width: 40, height: 32, channels: 3, background } }).toFile(file);
    return file;
  };
  const [red, green, blue] = [await plain('a', '#f00'), await plain('b', '#0f0'), await plain('c', '#00f')];
  const out = join(folder, 'sheet.jpg');
  await writeContactSheet([[red, green], [blue]], out);

  const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([84, 68]);
  const isNear = (x: number, y: number, color: number[]) =>
    color.every((value, c) => Math.abs(data[(y * info.width + x) * 3 + c] - value) < 16);
  expect(isNear(20, 16, [255, 0, 0])).toBe(true);
  expect(isNear(64, 16, [0, 255, 0])).toBe(true);
  expect(isNear(20, 52, [0, 0, 255])).toBe(true);
  expect(isNear(64, 52, [255, 255, 255])).toBe(true);
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  rmSync(folder, { recursive: true });
});
