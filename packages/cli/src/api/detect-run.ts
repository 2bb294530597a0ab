/** Looks at one source after the other. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Executor } from '@froyolo/core';
import { ImageError, type RgbImage } from '@froyolo/data';
import { decodeImage, saveImage } from '@froyolo/data/node';
import { removeIfEmpty } from '@froyolo/run/node';
import type { DetectSettings } from '@froyolo/run/settings';
import type { Detector, Prediction, Predictor } from '@froyolo/yolo';
import { fetchImage } from '../sources/fetch-image.js';
import { type FileSource, isLive, labelOf, pathOf, type Source, SourceError } from '../sources/source.js';
import { VideoError } from '../video/errors.js';
import type { Ffmpeg } from '../video/ffmpeg.js';
import type { View } from '../view/view.js';
import type { DetectEvents, DetectResult, ImageResult, VideoResult } from './detect-events.js';
import { annotate, CSV_HEADER, pictureExtension, ResultNames, writeFindings } from './detect-results.js';
import { detectLive, detectVideo, type FrameDetector } from './detect-videos.js';
import { FeaturePictures } from './feature-pictures.js';
import { SpeedMeter } from './speed-meter.js';

export interface DetectTools {
  readonly settings: DetectSettings;
  readonly folder: string | undefined;
  readonly predictor: Predictor;
  readonly view: View | undefined;
  /** There when a source needs it. */
  readonly ffmpeg: Ffmpeg | undefined;
  readonly detector: Detector;
  readonly executor: Executor;
  readonly imgsz: readonly [height: number, width: number];
}

/** What an image or frame is called in files. */
interface Subject {
  readonly path: string;
  readonly name: string;
  readonly isFrame?: boolean;
}

export class DetectRun implements FrameDetector {
  readonly #tools: DetectTools;
  readonly #events: DetectEvents;
  readonly #names = new ResultNames();
  readonly #speed = new SpeedMeter();
  readonly #features: FeaturePictures | undefined;
  #hasTable = false;

  constructor(tools: DetectTools, events: DetectEvents) {
    this.#tools = tools;
    this.#events = events;
    const { settings, folder } = tools;
    this.#features =
      settings.visualize && folder !== undefined ? new FeaturePictures(tools, folder) : undefined;
  }

  /** Images first, then videos one after the other, then all that has no end at once. */
  async over(sources: readonly Source[]): Promise<DetectResult> {
    const files = sources.filter((source): source is FileSource => !isLive(source));
    const stills = files.filter(isStill);
    const moving = files.filter((source) => !isStill(source));
    const { images, skipped } = await this.#overImages(stills);
    const videos: VideoResult[] = [];
    for (const [place, source] of moving.entries())
      await this.#unlessStopped(source, skipped, async () => {
        videos.push(await detectVideo(this, source, place, moving.length));
      });
    const live = sources.filter(isLive);
    if (live.length > 0 && !this.isStopped) videos.push(...(await detectLive(this, live)));
    await this.#features?.dispose();
    const seen = videos.filter(({ frames }) => frames > 0);
    const { folder } = this.#tools;
    const isUsed = folder !== undefined && (images.length + seen.length > 0 || !removeIfEmpty(folder));
    return {
      images,
      skipped,
      isPartial: this.isStopped,
      videos: seen,
      ...this.#speed.result,
      ...(isUsed ? { folder } : {}),
    };
  }

  get settings(): DetectSettings {
    return this.#tools.settings;
  }

  get events(): DetectEvents {
    return this.#events;
  }

  get folder(): string | undefined {
    return this.#tools.folder;
  }

  get ffmpeg(): Ffmpeg {
    const { ffmpeg } = this.#tools;
    if (!ffmpeg) throw new VideoError('videos need ffmpeg');
    return ffmpeg;
  }

  get isStopped(): boolean {
    return this.#events.signal?.aborted ?? false;
  }

  nameOf(path: string): string {
    return this.#names.of(path);
  }

  /** Detects in one image or frame and writes what is asked for; `drawn` is the picture, where one is wanted. */
  async look(image: RgbImage, subject: Subject): Promise<{ prediction: Prediction; drawn?: RgbImage }> {
    const { predictor, settings, folder, view } = this.#tools;
    const prediction = await predictor.predict(image);
    this.#speed.add(prediction.speed);
    await this.#beginTable();
    await this.#features?.write(image, subject.name);
    await writeFindings(image, prediction.detections, subject, { ...settings, folder });
    if (settings.nosave && !view) return { prediction };
    const drawn = await annotate(image, prediction.detections, settings);
    await view?.show(drawn);
    return { prediction, drawn };
  }

  /** The first image or frame that can be used begins the table. */
  async #beginTable(): Promise<void> {
    const { folder, settings } = this.#tools;
    if (this.#hasTable || folder === undefined || !settings.saveCsv) return;
    this.#hasTable = true;
    await writeFile(join(folder, 'predictions.csv'), CSV_HEADER);
  }

  async #overImages(sources: readonly FileSource[]): Promise<{ images: ImageResult[]; skipped: string[] }> {
    const [images, skipped]: [ImageResult[], string[]] = [[], []];
    for (const [done, source] of sources.entries()) {
      this.#events.onProgress?.(done, sources.length);
      await this.#unlessStopped(source, skipped, async () => {
        const result = await this.#overImage(source);
        images.push(result);
        this.#events.onImage?.(result);
      });
    }
    if (sources.length > 0) this.#events.onProgress?.(sources.length, sources.length);
    return { images, skipped };
  }

  async #overImage(source: FileSource): Promise<ImageResult> {
    const image =
      'path' in source
        ? await decodeImage(source.path)
        : await fetchImage(source.address, this.#events.signal);
    const subject = { path: pathOf(source), name: this.nameOf(pathOf(source)) };
    const { prediction, drawn } = await this.look(image, subject);
    const { settings, folder } = this.#tools;
    if (drawn && folder !== undefined && !settings.nosave)
      await saveImage(drawn, join(folder, subject.name + pictureExtension(subject.path)));
    return { path: labelOf(source), ...prediction };
  }

  /** Skips unreadable sources, and everything after an abort. */
  async #unlessStopped(source: Source, skipped: string[], work: () => Promise<void>): Promise<void> {
    if (this.isStopped) return void skipped.push(labelOf(source));
    try {
      await work();
    } catch (error) {
      const isExpected =
        error instanceof ImageError || error instanceof SourceError || error instanceof VideoError;
      if (!isExpected && !this.isStopped) throw error;
      skipped.push(labelOf(source));
      if (error instanceof Error && !this.isStopped) this.#events.onWarning?.(`${error.message} (skipped)`);
    }
  }
}

const isStill = ({ kind }: Source) => kind === 'image' || kind === 'image address';
