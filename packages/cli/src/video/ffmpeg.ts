/** Finds ffmpeg and starts it. It is a program of its own: arguments go to it as a list, never through a shell. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { VideoError } from './errors.js';

export interface Ffmpeg {
  readonly path: string;
  /** First line of what `ffmpeg -version` says. */
  readonly version: string;
}

/** A package that brings the program; users install it on demand. */
const FFMPEG_PACKAGE: string = 'ffmpeg-static';
const VERSION_MS = 60_000;

/**
 * The program that `FFMPEG_PATH` names, the one in the search path, or that of the package `ffmpeg-static`.
 * @throws VideoError saying how to get it
 */
export async function findFfmpeg(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Ffmpeg> {
  const named = env.FFMPEG_PATH;
  const candidates = named ? [named] : ['ffmpeg', await packagedFfmpeg()];
  for (const path of candidates) {
    const version = path === undefined ? undefined : await versionOf(path, env);
    if (path !== undefined && version !== undefined) return { path, version };
  }
  throw new VideoError(
    named
      ? `FFMPEG_PATH is ${named}, which can't be started: name the program ffmpeg`
      : 'videos, cameras and streams are read by ffmpeg, which is not installed: get it from ffmpeg.org or your system, ' +
          'run "npm install ffmpeg-static", or name the program in FFMPEG_PATH',
    { where: named ?? 'ffmpeg' },
  );
}

async function packagedFfmpeg(): Promise<string | undefined> {
  const loaded: unknown = await import(/* @vite-ignore */ FFMPEG_PACKAGE).catch(() => undefined);
  const path =
    typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  return typeof path === 'string' ? path : undefined;
}

async function versionOf(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-version'], { env, timeout: VERSION_MS });
    return stdout.split('\n', 1)[0];
  } catch {
    return undefined;
  }
}

export type FfmpegProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts it detached from the terminal, so that Ctrl-C lets it finish its file; it ends when its pipes close. */
export function startFfmpeg({ path }: Ffmpeg, args: readonly string[]): FfmpegProcess {
  return spawn(path, ['-hide_banner', '-nostats', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

/** Number of characters of its output that are kept. */
const KEPT = 4000;

/** The end of what a process writes to stderr. */
export class Complaints {
  #text = '';

  constructor({ stderr }: FfmpegProcess, onText?: (text: string) => void) {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-KEPT);
      onText?.(text);
    });
  }

  /** The last line: why it gave up. */
  get reason(): string {
    const lines = this.#text.split('\n').map((line) => line.trim());
    return lines.findLast((line) => line !== '' && !line.startsWith('Conversion failed')) ?? '';
  }
}

/** Waits for the end of a process: its status, or -1 for a signal or where it couldn't be started. */
export function endOf(child: FfmpegProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
}
