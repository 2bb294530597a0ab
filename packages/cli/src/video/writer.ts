/** Writes frames as a video that players and browsers open. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type RgbImage, resizeLinear } from '@froyolo/data';
import { VideoWriteError } from './errors.js';
import { Complaints, endOf, type Ffmpeg, type FfmpegProcess, startFfmpeg } from './ffmpeg.js';

/** Without a rate that is known: as frames come. */
export type FrameRate = number | 'live';

export class VideoWriter {
  readonly #file: string;
  readonly #part: string;
  readonly #size: readonly [width: number, height: number];
  readonly #child: FfmpegProcess;
  readonly #complaints: Complaints;
  readonly #ended: Promise<number>;

  private constructor(ffmpeg: Ffmpeg, file: string, { width, height }: RgbImage, rate: FrameRate) {
    this.#file = file;
    this.#part = `${file}.${randomBytes(4).toString('hex')}.part`;
    this.#size = [width, height];
    this.#child = startFfmpeg(ffmpeg, encoderArgs(this.#part, width, height, rate));
    this.#complaints = new Complaints(this.#child);
    this.#ended = endOf(this.#child);
    this.#child.stdout.resume();
    // A failure shows in its status.
    this.#child.stdin.on('error', () => undefined);
  }

  /**
   * Begins an MP4 file; its folder is made.
   * @param first says the size; later frames of another size are scaled to it
   */
  static async open(ffmpeg: Ffmpeg, file: string, first: RgbImage, rate: FrameRate): Promise<VideoWriter> {
    await mkdir(dirname(file), { recursive: true });
    return new VideoWriter(ffmpeg, file, first, rate);
  }

  /** Adds a frame; done when there is room for the next. @throws VideoWriteError if it can't be */
  async write(image: RgbImage): Promise<void> {
    const [width, height] = this.#size;
    const fits = image.width === width && image.height === height;
    const { data } = fits ? image : resizeLinear(image, width, height);
    const { stdin } = this.#child;
    if (stdin.destroyed || this.#child.exitCode !== null) await this.finish();
    if (stdin.write(data)) return;
    await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), this.#ended]);
  }

  /** Completes the file and gives it its name. @throws VideoWriteError if it can't be */
  async finish(): Promise<string> {
    this.#child.stdin.end();
    const status = await this.#ended;
    if (status === 0) {
      await rename(this.#part, this.#file);
      return this.#file;
    }
    await rm(this.#part, { force: true });
    throw new VideoWriteError(`${this.#file}: can't be written: ${this.#complaints.reason}`);
  }
}

/** Sides are made even, as the usual coding of colors needs them; the codec is what ffmpeg was built with for MP4. */
function encoderArgs(file: string, width: number, height: number, rate: FrameRate): string[] {
  const timing =
    rate === 'live' ? ['-use_wallclock_as_timestamps', '1'] : ['-framerate', String(Math.min(rate, 1000))];
  const input = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${width}x${height}`, ...timing];
  const coding = ['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2', '-pix_fmt', 'yuv420p'];
  return ['-v', 'error', ...input, '-i', '-', ...coding, '-f', 'mp4', '-y', `file:${file}`];
}
