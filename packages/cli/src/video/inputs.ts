/** How ffmpeg is told to read files, addresses, cameras and screens, by platform. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { VideoError } from './errors.js';
import type { Ffmpeg } from './ffmpeg.js';
import type { VideoInput } from './frames.js';

/** Part of a screen, in pixels. */
export interface ScreenArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const SCREEN_FPS = '30';

/** A file, whose name is never taken for a protocol or an option. */
export function fileInput(path: string): VideoInput {
  return { name: path, args: ['-i', `file:${resolve(path)}`] };
}

/** An address. RTSP goes over TCP: over UDP lost packets tear pictures. */
export function addressInput(address: string): VideoInput {
  const rtsp = /^rtsp:/i.test(address) ? ['-rtsp_transport', 'tcp'] : [];
  return { name: address, args: [...rtsp, '-i', address] };
}

/**
 * The camera of a number, as the system counts them from 0.
 * @throws VideoError if there is none of that number (Windows), or on a platform without one
 */
export async function cameraInput(
  ffmpeg: Ffmpeg,
  index: number,
  platform: NodeJS.Platform = process.platform,
): Promise<VideoInput> {
  const name = `camera ${index}`;
  if (platform === 'linux') return { name, args: ['-f', 'v4l2', '-i', `/dev/video${index}`] };
  if (platform === 'darwin')
    return { name, args: ['-f', 'avfoundation', '-framerate', '30', '-i', `${index}:none`] };
  if (platform === 'win32')
    return { name, args: ['-f', 'dshow', '-i', `video=${await windowsCamera(ffmpeg, index)}`] };
  throw new VideoError(`${name}: cameras can't be read on ${platform}`);
}

/** The screen, or a part of it. @throws VideoError on a platform without one */
export function screenInput(
  screen: number,
  area: ScreenArea | undefined,
  platform: NodeJS.Platform = process.platform,
  display = process.env.DISPLAY,
): VideoInput {
  const name = `screen ${screen}`;
  if (platform === 'linux') return { name, args: x11Args(screen, area, display) };
  if (platform === 'win32') return { name, args: gdiArgs(area) };
  if (platform === 'darwin') return { name, args: macArgs(screen) };
  throw new VideoError(`${name}: the screen can't be read on ${platform}`);
}

function x11Args(screen: number, area: ScreenArea | undefined, display: string | undefined): string[] {
  if (!display) throw new VideoError(`screen ${screen}: no X display is open (DISPLAY is not set)`);
  const size = area ? ['-video_size', `${area.width}x${area.height}`] : [];
  const name = display.includes('.') ? display : `${display}.${screen}`;
  const offset = area ? `+${area.left},${area.top}` : '';
  return ['-f', 'x11grab', '-framerate', SCREEN_FPS, ...size, '-i', `${name}${offset}`];
}

function gdiArgs(area: ScreenArea | undefined): string[] {
  const part = area
    ? [
        ...['-offset_x', String(area.left), '-offset_y', String(area.top)],
        ...['-video_size', `${area.width}x${area.height}`],
      ]
    : [];
  return ['-f', 'gdigrab', '-framerate', SCREEN_FPS, ...part, '-i', 'desktop'];
}

function macArgs(screen: number): string[] {
  return ['-f', 'avfoundation', '-framerate', SCREEN_FPS, '-i', `Capture screen ${screen}:none`];
}

async function windowsCamera({ path }: Ffmpeg, index: number): Promise<string> {
  const args = ['-hide_banner', '-list_devices', 'true', '-f', 'dshow', '-i', 'dummy'];
  // It always ends with a failure: there is no device "dummy".
  const told = await promisify(execFile)(path, args, { timeout: 10_000 }).catch((error: unknown) => error);
  const names = dshowCameras(typeof told === 'object' && told && 'stderr' in told ? String(told.stderr) : '');
  const name = names[index];
  if (name !== undefined) return name;
  throw new VideoError(
    `camera ${index}: there ${names.length === 1 ? 'is 1 camera' : `are ${names.length} cameras`}, counted from 0`,
  );
}

/** Names of cameras in what `ffmpeg -list_devices true -f dshow` says. */
export function dshowCameras(text: string): string[] {
  const lines = text.split('\n');
  const audio = lines.findIndex((line) => line.includes('DirectShow audio devices'));
  return lines.flatMap((line, i) => {
    const [, name, kind] = /\]\s+"([^"]+)"(?:\s+\((\w+)\))?/.exec(line) ?? [];
    const isVideo = kind === 'video' || (kind === undefined && (audio < 0 || i < audio));
    return name !== undefined && isVideo && !name.startsWith('@device') ? [name] : [];
  });
}
