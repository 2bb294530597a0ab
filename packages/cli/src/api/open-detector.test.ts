import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createImage } from '@froyolo/data';
import { encodeImage } from '@froyolo/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenDetector, openDetector } from './open-detector.js';

const weights = fileURLToPath(new URL('../../../shapes/embedded/shapes.safetensors', import.meta.url));
const picture = fileURLToPath(new URL('../../../../docs/images/demo.jpg', import.meta.url));

let detector: OpenDetector;
beforeAll(async () => {
  detector = await openDetector({ weights, imgsz: 320, device: 'ort-cpu' });
}, 60_000);
afterAll(() => detector.dispose());

test('a path and the bytes of a file are the same image', async () => {
  const { detections } = await detector.detect(picture);
  expect(detections.length).toBeGreaterThan(0);
  expect((await detector.detect(await readFile(picture))).detections).toEqual(detections);
});

test('pixels', async () => {
  const image = createImage(40, 30, 200);
  const { detections } = await detector.detect(image);
  expect((await detector.detect(await encodeImage(image, 'png'))).detections).toEqual(detections);
});

test.each([
  ['four channels, as a canvas has', { width: 4, height: 4, data: new Uint8Array(64) }],
  ['too few values', { width: 4, height: 4, data: new Uint8Array(5) }],
  ['no pixel', { width: 0, height: 0, data: new Uint8Array() }],
])('%s: an error says what is needed', async (_, image) => {
  await expect(detector.detect(image)).rejects.toMatchObject({
    name: 'ImageError',
    message: expect.stringContaining(
      `${image.width} x ${image.height} with ${image.data.length} values is none`,
    ),
  });
});

test('bytes that are no image, and a detector that was disposed of', async () => {
  await expect(detector.detect(new Uint8Array())).rejects.toThrow("can't be decoded: the file is empty");
  const other = await openDetector({ weights, imgsz: 64, device: 'ort-cpu' });
  await other.dispose();
  await expect(other.detect(picture)).rejects.toThrow('the detector was disposed of');
});
