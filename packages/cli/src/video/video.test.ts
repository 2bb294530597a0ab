import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage } from '@froyolo/data';
import { afterAll, describe, expect, test } from 'vitest';
import { parseBanner } from './banner.js';
import { VideoError, VideoWriteError } from './errors.js';
import { findFfmpeg } from './ffmpeg.js';
import { readFrames } from './frames.js';
import { addressInput, cameraInput, dshowCameras, fileInput, screenInput } from './inputs.js';
import { latestOf, reconnecting } from './live.js';
import { PpmReader } from './ppm.js';
import { VideoWriter } from './writer.js';

const ffmpeg = await findFfmpeg().catch(() => undefined);
const reason = ffmpeg ? '' : ' (skipped: ffmpeg is not installed)';
const folder = mkdtempSync(join(tmpdir(), 'froyolo-video-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('rate and length of a video are read from what ffmpeg says', () => {
  const text =
    'Input #0, mov, from "a.mp4":\n  Duration: 00:01:20.50, start: 0.000000, bitrate: 36 kb/s\n' +
    '  Stream #0:0[0x1](und): Video: h264 (High), yuv420p(progressive), 64x48, 33 kb/s, 29.97 fps, 30k tbn (default)\n';
  expect(parseBanner(text)).toEqual({ fps: 29.97, duration: 80.5 });
  expect(parseBanner(text.slice(0, -30))).toBeUndefined();
  expect(parseBanner('  Duration: N/A\n  Stream #0:0: Video: mjpeg, 25 tbr\n')).toEqual({ fps: 25 });
});

test('frames are put together from pieces of any length', () => {
  const frame = (width: number, fill: number) =>
    Buffer.concat([Buffer.from(`P6\n${width} 2\n255\n`), Buffer.alloc(width * 6, fill)]);
  const bytes = Buffer.concat([frame(3, 7), frame(4, 8), frame(3, 10)]);
  for (const size of [1, 2, 5, 11, 100]) {
    const reader = new PpmReader();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size)
      frames.push(...reader.push(bytes.subarray(at, at + size)));
    expect(frames.map(({ width, height, data }) => [width, height, ...new Set(data)])).toEqual([
      [3, 2, 7],
      [4, 2, 8],
      [3, 2, 10],
    ]);
  }
  expect(() => new PpmReader().push(Buffer.alloc(64, 'x'))).toThrow(VideoError);
  expect(() => new PpmReader().push(Buffer.from('P6\n99999 99999\n255\n'))).toThrow(/at most/);
});

test('inputs by platform; names of files are never options or protocols', async () => {
  const program = { path: 'ffmpeg', version: '' };
  expect(fileInput('/a/-i b.mp4').args).toEqual(['-i', 'file:/a/-i b.mp4']);
  expect(addressInput('rtsp://host/x').args).toEqual(['-rtsp_transport', 'tcp', '-i', 'rtsp://host/x']);
  expect((await cameraInput(program, 1, 'linux')).args).toEqual(['-f', 'v4l2', '-i', '/dev/video1']);
  expect((await cameraInput(program, 0, 'darwin')).args.at(-1)).toBe('0:none');
  await expect(cameraInput(program, 0, 'aix')).rejects.toThrow(VideoError);
  const area = { left: 1, top: 2, width: 30, height: 40 };
  expect(screenInput(0, area, 'linux', ':1').args.slice(-4)).toEqual([
    '-video_size',
    '30x40',
    '-i',
    ':1.0+1,2',
  ]);
  expect(screenInput(0, area, 'win32').args.join(' ')).toContain('-offset_x 1 -offset_y 2 -video_size 30x40');
  expect(() => screenInput(0, undefined, 'linux', '')).toThrow(/DISPLAY/);
});

test('cameras of Windows, as both generations of ffmpeg list them', () => {
  const now =
    '[dshow @ 1] "HD Webcam" (video)\n[dshow @ 1]   Alternative name "@device_pnp_x"\n[dshow @ 1] "Mic" (audio)\n[dshow @ 1] "OBS" (video)';
  const before =
    '[dshow @ 1] DirectShow video devices\n[dshow @ 1]  "HD Webcam"\n[dshow @ 1] DirectShow audio devices\n[dshow @ 1]  "Mic"';
  expect(dshowCameras(now)).toEqual(['HD Webcam', 'OBS']);
  expect(dshowCameras(before)).toEqual(['HD Webcam']);
});

test('of endless sources only the newest item waits, and all have their turn', async () => {
  const made = [0, 0];
  async function* fast(source: number) {
    for (let i = 1; i <= 50; i++) {
      made[source] = i;
      yield i;
      await new Promise(setImmediate);
    }
  }
  const seen: [number, number][] = [];
  for await (const { source, item } of latestOf([fast(0), fast(1)])) {
    seen.push([source, item]);
    // Ten more come from each while this one is looked at.
    const until = Math.min(10 * seen.length, 50);
    while (made.some((count) => count < until)) await new Promise(setImmediate);
  }
  expect(seen.length).toBeLessThan(20);
  for (const source of [0, 1]) {
    const own = seen.filter(([of]) => of === source).map(([, item]) => item);
    expect(own).toEqual([...own].sort((a, b) => a - b));
    expect(own.at(-1)).toBe(50);
  }
});

test('an abort ends the wait for a source that sends nothing', async () => {
  const controller = new AbortController();
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  setTimeout(() => controller.abort(), 10);
  expect(await collect(latestOf([silent], controller.signal))).toEqual([]);
});

test('a source that breaks off is opened again, as long as items come', async () => {
  let opened = 0;
  const lost: unknown[] = [];
  async function* breaking() {
    opened++;
    if (opened < 4) yield opened;
    throw new VideoError('lost');
  }
  const items = reconnecting(breaking, { tries: 2, wait: 1, onLost: (error) => lost.push(error) });
  await expect(collect(items)).rejects.toThrow('lost');
  // Three connections with an item, then one and two more tries without.
  expect([opened, lost.length]).toEqual([5, 4]);
});

test('without ffmpeg the error says where to get it', async () => {
  await expect(findFfmpeg({ PATH: folder })).rejects.toThrow(/ffmpeg\.org.*npm install ffmpeg-static/);
  await expect(findFfmpeg({ FFMPEG_PATH: join(folder, 'none') })).rejects.toThrow(/FFMPEG_PATH is/);
});

describe.skipIf(!ffmpeg)(`with ffmpeg${reason}`, () => {
  const program = ffmpeg ?? { path: '', version: '' };

  test('what is written is read again, frame by frame', async () => {
    const file = join(folder, 'odd.mp4');
    const gray = (i: number) => createImage(65, 47, 20 * i);
    const writer = await VideoWriter.open(program, file, gray(0), 10);
    for (let i = 0; i < 10; i++) await writer.write(gray(i));
    expect(existsSync(file)).toBe(false);
    expect(await writer.finish()).toBe(file);
    expect(readdirSync(folder)).toEqual(['odd.mp4']);
    const frames = await collect(readFrames(program, fileInput(file)));
    expect(frames.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(frames[0]?.info).toEqual({ fps: 10, duration: 1 });
    for (const [i, { image }] of frames.entries()) {
      expect([image.width, image.height]).toEqual([66, 48]);
      expect(Math.abs(Number(image.data[3 * 66 * 20 + 60]) - 20 * i)).toBeLessThan(6);
    }
    const every4th = await collect(readFrames(program, fileInput(file), { stride: 4 }));
    expect(every4th.map(({ image }) => Math.round(Number(image.data[0]) / 20))).toEqual([3, 7]);
  });

  test('breaking off leaves no process that waits', async () => {
    for await (const { number } of readFrames(program, fileInput(join(folder, 'odd.mp4')))) {
      expect(number).toBe(1);
      break;
    }
  });

  test('a file that is no video, and one that is missing', async () => {
    const broken = join(folder, 'broken.mp4');
    writeFileSync(broken, 'no video');
    await expect(collect(readFrames(program, fileInput(broken)))).rejects.toThrow(
      `${broken}: can't be read: `,
    );
    await expect(collect(readFrames(program, fileInput(join(folder, 'none.mp4'))))).rejects.toThrow(
      /none\.mp4: can't be read: .*No such file/,
    );
  });

  test('a stream that stays silent is given up', async () => {
    const silent = {
      name: 'silence',
      args: ['-f', 'rawvideo', '-video_size', '4x4', '-i', 'udp://127.0.0.1:9'],
    };
    await expect(collect(readFrames(program, silent, { patience: 300 }))).rejects.toThrow(
      /no frame came|can't be read/,
    );
  });

  test('an encoder that fails leaves no file', async () => {
    const file = join(folder, 'failed.mp4');
    const absent = { path: join(folder, 'no-ffmpeg'), version: '' };
    const writer = await VideoWriter.open(absent, file, createImage(4, 4), 10);
    await expect(writer.finish()).rejects.toThrow(VideoWriteError);
    expect(readdirSync(folder).filter((name) => name.startsWith('failed'))).toEqual([]);
  });
});
