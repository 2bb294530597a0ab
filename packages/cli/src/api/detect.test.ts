import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage } from '@froyolo/data';
import { saveImage } from '@froyolo/data/node';
import { writeCheckpoint } from '@froyolo/weights';
import { checkpointOf, createDetector } from '@froyolo/yolo';
import { TOY_ARCHITECTURE } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFfmpeg } from '../video/ffmpeg.js';
import { readFrames } from '../video/frames.js';
import { fileInput } from '../video/inputs.js';
import { VideoWriter } from '../video/writer.js';
import { detect } from './detect.js';
import type { FrameResult } from './detect-events.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-detect-'));
const at = (...parts: string[]) => join(folder, ...parts);
const ffmpeg = await findFfmpeg().catch(() => undefined);
const reason = ffmpeg ? '' : ' (skipped: ffmpeg is not installed)';
const FRAMES = 12;

beforeAll(async () => {
  const detector = createDetector(TOY_ARCHITECTURE, { names: ['bright', 'dark'], seed: 0 });
  writeFileSync(at('toy.safetensors'), writeCheckpoint(checkpointOf(detector)));
  await saveImage(createImage(80, 60, 90), at('still.jpg'));
  if (!ffmpeg) return;
  const writer = await VideoWriter.open(ffmpeg, at('clip.mp4'), createImage(80, 60), 10);
  for (let i = 0; i < FRAMES; i++) await writer.write(createImage(80, 60, 20 * i));
  await writer.finish();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Fresh values find something in everything when no confidence is asked for. */
const options = (name: string) => ({
  weights: at('toy.safetensors'),
  imgsz: 64,
  confThres: 0,
  maxDet: 2,
  device: 'cpu',
  threads: 1,
  project: at('runs'),
  name,
});

/** Serves the files of the folder on this machine. */
async function serving<T>(work: (address: string) => Promise<T>): Promise<T> {
  const server = createServer(({ url = '' }, response) => {
    const file = at(new URL(url, 'http://host').pathname.slice(1));
    if (existsSync(file)) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('an image here and one at an address; what is not there is skipped by name', async () => {
  await serving(async (address) => {
    const warnings: string[] = [];
    const source = [at('still.jpg'), `${address}/still.jpg`, `${address}/none.jpg`];
    const events = { onWarning: (text: string) => warnings.push(text) };
    const { images, skipped, speed } = await detect({ ...options('images'), source, saveCsv: true }, events);
    expect(images.map(({ path }) => path)).toEqual(source.slice(0, 2));
    expect(images[0]?.detections).toEqual(images[1]?.detections);
    expect([skipped, warnings]).toEqual([[source[2]], [expect.stringContaining('the server answers 404')]]);
    expect(speed?.inference).toBeGreaterThan(0);
    expect(readdirSync(at('runs/images')).sort()).toEqual(['predictions.csv', 'still-2.jpg', 'still.jpg']);
    const [header, ...rows] = readFileSync(at('runs/images/predictions.csv'), 'utf8').trim().split('\n');
    expect([header, rows.length]).toEqual(['Image Name,Prediction,Confidence', 4]);
    expect(rows[0]).toMatch(/^still\.jpg,(bright|dark),0\.\d\d$/);
  });
});

test('where nothing can be used, no folder is left', async () => {
  writeFileSync(at('broken.jpg'), 'no picture');
  for (const asked of [{}, { saveCsv: true, saveTxt: true, saveCrop: true }, { visualize: true }]) {
    const result = await detect({ ...options('nothing'), source: at('broken.jpg'), ...asked });
    expect([result.skipped, 'folder' in result]).toEqual([[at('broken.jpg')], false]);
    expect(existsSync(at('runs/nothing'))).toBe(false);
  }
});

test('feature maps of every layer as pictures and arrays', async () => {
  await detect({ ...options('features'), source: at('still.jpg'), visualize: true, nosave: true });
  const files = readdirSync(at('runs/features/still')).sort();
  const of = (layer: string) => [`stage${layer}_features.npy`, `stage${layer}_features.png`];
  expect(files).toEqual([...of('0_Conv'), ...of('1_Conv'), ...of('2_C3'), ...of('3_Conv'), ...of('4_Conv')]);
  const npy = readFileSync(at('runs/features/still/stage0_Conv_features.npy'));
  const header = npy.subarray(10, 10 + npy.readUInt16LE(8)).toString('latin1');
  expect(header.trim()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (8, 24, 32), }");
  expect([npy.length, (10 + header.length) % 64]).toEqual([10 + header.length + 8 * 24 * 32 * 4, 0]);
});

describe.skipIf(!ffmpeg)(`with ffmpeg${reason}`, () => {
  const frames: FrameResult[] = [];
  const events = { onFrame: (frame: FrameResult) => frames.push(frame) };

  test('every frame of a video is looked at, written, and has its labels', async () => {
    const source = [at('clip.mp4'), at('still.jpg')];
    const { images, videos } = await detect({ ...options('video'), source, saveTxt: true }, events);
    const file = at('runs/video/clip.mp4');
    expect([images.length, videos]).toEqual([1, [{ path: at('clip.mp4'), frames: FRAMES, file }]]);
    expect(frames.map(({ frame }) => frame)).toEqual(Array.from({ length: FRAMES }, (_, i) => i + 1));
    expect(frames[0]).toMatchObject({ path: at('clip.mp4'), source: 0, sources: 1, frames: FRAMES });
    expect(readdirSync(at('runs/video')).sort()).toEqual(['clip.mp4', 'labels', 'still.jpg']);
    expect(readdirSync(at('runs/video/labels'))).toHaveLength(FRAMES + 1);
    expect(readFileSync(at('runs/video/labels/clip_1.txt'), 'utf8').trim().split('\n')).toHaveLength(2);
    let read = 0;
    for await (const { info } of readFrames(ffmpeg ?? { path: '', version: '' }, fileInput(file))) {
      read++;
      expect(info).toEqual({ fps: 10, duration: 1.2 });
    }
    expect(read).toBe(FRAMES);
  });

  test('with a stride the written video lasts as long', async () => {
    const { videos } = await detect({ ...options('stride'), source: at('clip.mp4'), vidStride: 3 });
    expect(videos).toMatchObject([{ frames: FRAMES / 3 }]);
    const read = readFrames(ffmpeg ?? { path: '', version: '' }, fileInput(at('runs/stride/clip.mp4')));
    for await (const { info } of read) expect(info.duration).toBeCloseTo(1.2, 1);
  });

  test('an abort ends a video, which is complete up to there', async () => {
    const controller = new AbortController();
    const stopping = {
      signal: controller.signal,
      onFrame: ({ frame }: FrameResult) => frame === 5 && controller.abort(),
    };
    const { videos, isPartial } = await detect(
      { ...options('aborted'), source: at('clip.mp4') },
      { ...stopping, onFrame: (frame) => void stopping.onFrame(frame) },
    );
    expect([isPartial, videos]).toEqual([true, [expect.objectContaining({ frames: 5 })]]);
    expect(readdirSync(at('runs/aborted'))).toEqual(['clip.mp4']);
  });

  test('streams are watched at once, also over HTTP, and end when their senders do', async () => {
    await serving(async (address) => {
      writeFileSync(at('both.streams'), `${address}/clip.mp4\n${address}/clip.mp4?again\n`);
      const seen: FrameResult[] = [];
      const { videos } = await detect(
        { ...options('streams'), source: at('both.streams'), viewImg: true },
        { onFrame: (frame) => seen.push(frame) },
      );
      expect(videos).toHaveLength(2);
      for (const source of [0, 1]) expect(seen.some((frame) => frame.source === source)).toBe(true);
      expect(readdirSync(at('runs/streams')).sort()).toEqual(['clip-2.mp4', 'clip.mp4']);
    });
  });

  test('a file that is no video is skipped by name', async () => {
    writeFileSync(at('broken.mp4'), 'no video');
    const warnings: string[] = [];
    const { videos, skipped } = await detect(
      { ...options('broken'), source: [at('broken.mp4')] },
      { onWarning: (text) => warnings.push(text) },
    );
    expect([videos, skipped]).toEqual([[], [at('broken.mp4')]]);
    expect(warnings).toEqual([expect.stringMatching(/broken\.mp4: can't be read: .* \(skipped\)$/)]);
  });
});
