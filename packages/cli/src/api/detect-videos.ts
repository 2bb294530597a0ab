/** Detection in videos and endless streams. */
import { join } from 'node:path';
import type { RgbImage } from '@froyolo/data';
import type { DetectSettings } from '@froyolo/run/settings';
import type { Prediction } from '@froyolo/yolo';
import { type FileSource, type LiveSource, labelOf, pathOf } from '../sources/source.js';
import { VideoError } from '../video/errors.js';
import type { Ffmpeg } from '../video/ffmpeg.js';
import { type Frame, readFrames, type VideoInput } from '../video/frames.js';
import { addressInput, cameraInput, fileInput, screenInput } from '../video/inputs.js';
import { latestOf, reconnecting } from '../video/live.js';
import { type FrameRate, VideoWriter } from '../video/writer.js';
import type { DetectEvents, VideoResult } from './detect-events.js';

/** What detection in frames needs of a run. */
export interface FrameDetector {
  readonly settings: DetectSettings;
  readonly events: DetectEvents;
  readonly folder: string | undefined;
  readonly ffmpeg: Ffmpeg;
  /** A name for the results of a path, that no other has. */
  nameOf(path: string): string;
  look(
    image: RgbImage,
    subject: { readonly path: string; readonly name: string; readonly isFrame: true },
  ): Promise<{ readonly prediction: Prediction; readonly drawn?: RgbImage }>;
}

/** Rate of a video that doesn't tell its own. */
const USUAL_FPS = 30;
const RECONNECT = { tries: 3, wait: 1000 } as const;

/**
 * Looks at every frame of a video and writes it with its detections. With a stride the written video lasts as long.
 * @throws VideoError if no frame can be read; a video that breaks off later is written up to there, with a warning
 */
export async function detectVideo(
  run: FrameDetector,
  source: FileSource,
  place: number,
  count: number,
): Promise<VideoResult> {
  const { vidStride } = run.settings;
  const input = 'path' in source ? fileInput(source.path) : named(addressInput(source.address), source);
  const record = new FrameRecord(
    run,
    source,
    { source: place, sources: count },
    ({ fps = USUAL_FPS }) => fps / vidStride,
  );
  try {
    for await (const frame of readFrames(run.ffmpeg, input, frameOptions(run, vidStride))) {
      await record.add(frame);
      if (run.events.signal?.aborted) break;
    }
  } catch (error) {
    if (!(error instanceof VideoError) || record.frames === 0) throw error;
    run.events.onWarning?.(`${error.message} (after ${record.frames} frames)`);
  } finally {
    await record.finish();
  }
  return record.result;
}

/** Looks at the newest frames of all sources in turn, until they end or the run is aborted. */
export async function detectLive(run: FrameDetector, sources: readonly LiveSource[]): Promise<VideoResult[]> {
  const { signal } = run.events;
  const records = sources.map(
    (source, place) => new FrameRecord(run, source, { source: place, sources: sources.length }, () => 'live'),
  );
  const frames = await Promise.all(sources.map((source) => framesOf(run, source)));
  const failures: unknown[] = [];
  try {
    for await (const { source, item } of latestOf(frames, signal)) {
      await records[source]?.add(item);
      if (signal?.aborted) break;
    }
  } finally {
    // Each is completed, also where another can't be.
    const ends = await Promise.allSettled(records.map((record) => record.finish()));
    for (const end of ends) if (end.status === 'rejected') failures.push(end.reason);
  }
  if (failures.length > 0) throw failures[0];
  return records.map(({ result }) => result);
}

/** Frames of a source that is opened again when it breaks off, and given up with a warning. */
async function framesOf(run: FrameDetector, source: LiveSource): Promise<AsyncIterable<Frame>> {
  const { events } = run;
  const warn = (error: unknown, what: string) => {
    if (!events.signal?.aborted && error instanceof Error) events.onWarning?.(`${error.message} (${what})`);
  };
  const input = await inputOf(run.ffmpeg, source);
  const open = () => readFrames(run.ffmpeg, input, frameOptions(run, run.settings.vidStride));
  return givenUp(
    reconnecting(open, {
      ...RECONNECT,
      ...(events.signal ? { signal: events.signal } : {}),
      onLost: (error) => warn(error, 'trying again'),
    }),
    (error) => warn(error, 'given up'),
  );
}

async function* givenUp<T>(source: AsyncIterable<T>, tell: (error: unknown) => void): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (!(error instanceof VideoError)) throw error;
    tell(error);
  }
}

async function inputOf(ffmpeg: Ffmpeg, source: LiveSource): Promise<VideoInput> {
  if (source.kind === 'camera') return cameraInput(ffmpeg, source.index);
  if (source.kind === 'screen') return screenInput(source.screen, source.area);
  return named(addressInput(source.address), source);
}

/** Without the password that an address may hold. */
const named = (input: VideoInput, source: FileSource | LiveSource): VideoInput => ({
  ...input,
  name: labelOf(source),
});

function frameOptions({ events: { signal } }: FrameDetector, stride: number) {
  return { stride, ...(signal ? { signal } : {}) };
}

/** What is made of the frames of one source. */
class FrameRecord {
  readonly #run: FrameDetector;
  readonly #place: { readonly source: number; readonly sources: number };
  readonly #rate: (info: Frame['info']) => FrameRate;
  readonly #path: string;
  readonly #label: string;
  readonly #name: string;
  #writer: VideoWriter | undefined;
  #file: string | undefined;
  frames = 0;

  constructor(
    run: FrameDetector,
    source: FileSource | LiveSource,
    place: { readonly source: number; readonly sources: number },
    rate: (info: Frame['info']) => FrameRate,
  ) {
    this.#run = run;
    this.#place = place;
    this.#rate = rate;
    this.#label = labelOf(source);
    this.#path = pathOf(source);
    this.#name = run.nameOf(this.#path);
  }

  async add({ image, info }: Frame): Promise<void> {
    const frame = ++this.frames;
    const subject = { path: this.#path, name: `${this.#name}_${frame}`, isFrame: true } as const;
    const { prediction, drawn } = await this.#run.look(image, subject);
    if (drawn) await this.#write(drawn, info);
    const { fps, duration } = info;
    const frames = fps && duration ? Math.round((fps * duration) / this.#run.settings.vidStride) : undefined;
    this.#run.events.onFrame?.({
      ...prediction,
      path: this.#label,
      ...this.#place,
      frame,
      ...(frames === undefined ? {} : { frames: Math.max(frames, frame) }),
    });
  }

  async #write(drawn: RgbImage, info: Frame['info']): Promise<void> {
    const { folder, settings, ffmpeg } = this.#run;
    if (folder === undefined || settings.nosave) return;
    this.#writer ??= await VideoWriter.open(
      ffmpeg,
      join(folder, `${this.#name}.mp4`),
      drawn,
      this.#rate(info),
    );
    await this.#writer.write(drawn);
  }

  /** Completes the video. */
  async finish(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#file = (await writer?.finish()) ?? this.#file;
  }

  get result(): VideoResult {
    const file = this.#file === undefined ? {} : { file: this.#file };
    return { path: this.#label, frames: this.frames, ...file };
  }
}
