/** Frames of a video, camera or stream, one after the other, as ffmpeg decodes them. */
import type { RgbImage } from '@froyolo/data';
import { parseBanner, type VideoInfo } from './banner.js';
import { VideoError } from './errors.js';
import { Complaints, endOf, type Ffmpeg, type FfmpegProcess, startFfmpeg } from './ffmpeg.js';
import { PpmReader } from './ppm.js';

/** Where ffmpeg reads from. */
export interface VideoInput {
  /** Arguments up to the `-i` and its value. */
  readonly args: readonly string[];
  /** What it is called in messages. */
  readonly name: string;
}

export interface Frame {
  readonly image: RgbImage;
  /** Counted from 1. */
  readonly number: number;
  /** What is known of the whole. */
  readonly info: VideoInfo;
}

export interface FrameOptions {
  /** Take one frame of this many, the last of each group. Default 1. */
  readonly stride?: number;
  /** Longest wait for a frame in milliseconds. Default 30 seconds. */
  readonly patience?: number;
  /** Aborting it ends the reading. */
  readonly signal?: AbortSignal;
}

const PATIENCE_MS = 30_000;
/** What ffmpeg says goes another way than the frames, and may come later. */
const INFO_MS = 2000;

/**
 * Frames as they are asked for: ffmpeg waits meanwhile, so that one frame or two are in memory. Breaking off ends it.
 * @throws VideoError if the input can't be opened or decoded, or no frame comes in time
 */
export async function* readFrames(
  ffmpeg: Ffmpeg,
  { args, name }: VideoInput,
  { stride = 1, patience = PATIENCE_MS, signal }: FrameOptions = {},
): AsyncGenerator<Frame, void, undefined> {
  const child = startFfmpeg(ffmpeg, [...args, ...outputArgs(ffmpeg, stride)]);
  child.stdin.on('error', () => undefined).end();
  const banner = new Banner();
  const complaints = new Complaints(child, (text) => banner.add(text));
  const ended = endOf(child);
  const watch = new Watch(patience, () => child.kill('SIGKILL'));
  const stop = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const reader = new PpmReader();
  let number = 0;
  try {
    for await (const chunk of chunksOf(child)) {
      for (const image of reader.push(chunk)) {
        watch.stop();
        yield { image, number: ++number, info: await banner.info };
        watch.start();
      }
    }
    const status = await ended;
    if (signal?.aborted) return;
    if (watch.isOver)
      throw new VideoError(`${name}: no frame came within ${Math.round(patience / 1000)} seconds`);
    if (status !== 0 || number === 0)
      throw new VideoError(`${name}: can't be read${number ? ' to its end' : ''}: ${complaints.reason}`);
  } finally {
    watch.stop();
    signal?.removeEventListener('abort', stop);
    child.kill('SIGKILL');
    await ended;
  }
}

/** Frames as they arrive, none twice; frames that the stride skips are not even sent. */
function outputArgs(ffmpeg: Ffmpeg, stride: number): string[] {
  const select = stride > 1 ? ['-vf', `select=not(mod(n+1\\,${stride}))`] : [];
  const everyFrame = hasFpsMode(ffmpeg) ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];
  const format = ['-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24', '-'];
  return ['-map', '0:v:0', ...select, ...everyFrame, ...format];
}

/** Since 5.1; development builds have dates or commits for a version. */
function hasFpsMode({ version }: Ffmpeg): boolean {
  const [, major, minor] = /version n?(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined || Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 1);
}

async function* chunksOf({ stdout }: FfmpegProcess): AsyncGenerator<Uint8Array> {
  for await (const chunk of stdout) if (chunk instanceof Uint8Array) yield chunk;
}

/** Collects ffmpeg's description of the input. */
class Banner {
  #text = '';
  #tell: (info: VideoInfo) => void = () => undefined;
  readonly #info = new Promise<VideoInfo>((resolve) => {
    this.#tell = resolve;
  });

  add(text: string): void {
    if (this.#text.length > 2 ** 16) return;
    this.#text += text;
    const info = parseBanner(this.#text);
    if (info) this.#tell(info);
  }

  get info(): Promise<VideoInfo> {
    setTimeout(() => this.#tell({}), INFO_MS).unref();
    return this.#info;
  }
}

/** Calls for help when nothing happens for long. */
class Watch {
  readonly #ms: number;
  readonly #alarm: () => void;
  #timer: NodeJS.Timeout | undefined;
  isOver = false;

  constructor(ms: number, alarm: () => void) {
    this.#ms = ms;
    this.#alarm = alarm;
    this.start();
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#alarm();
    }, this.#ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
