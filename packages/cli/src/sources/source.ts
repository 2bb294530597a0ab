/** What a text after `--source` names. */
import { extname } from 'node:path';
import { safeFileName } from '@froyolo/data';
import { FroyoloError } from '@froyolo/errors';
import type { ScreenArea } from '../video/inputs.js';

/** A source that is missing, or of a kind that can't be read. */
export class SourceError extends FroyoloError {
  override name = 'SourceError';
  override readonly code = 'ERR_SOURCE';
}

/** Images and videos: each has an end. */
export type FileSource =
  | { readonly kind: 'image' | 'video'; readonly path: string }
  | { readonly kind: 'image address' | 'video address'; readonly address: string };

/** What goes on until it is stopped. */
export type LiveSource =
  | { readonly kind: 'camera'; readonly index: number }
  | { readonly kind: 'screen'; readonly screen: number; readonly area?: ScreenArea }
  | { readonly kind: 'stream'; readonly address: string };

export type Source = FileSource | LiveSource;

const VIDEO_EXTENSIONS: readonly string[] = [
  ...['.asf', '.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.ts', '.webm', '.wmv'],
];

const IMAGE_ADDRESSES = [
  ...['.avif', '.bmp', '.gif', '.jfif', '.jpe', '.jpeg', '.jpg', '.mpo', '.png', '.tif', '.tiff', '.webp'],
];

const PROTOCOLS = ['http', 'https', 'rtmp', 'rtmps', 'rtp', 'rtsp', 'rtsps', 'srt', 'tcp', 'udp'];
const YOUTUBE = /^(?:[\w-]+\.)?(?:youtube\.com|youtu\.be)$/i;

export const isVideoPath = (path: string): boolean => VIDEO_EXTENSIONS.includes(extname(path).toLowerCase());

export function isLive(source: Source): source is LiveSource {
  return source.kind === 'camera' || source.kind === 'screen' || source.kind === 'stream';
}

/**
 * A camera, screen or address; undefined for anything else, which is a path.
 * @throws SourceError for an address that can't be read
 */
export function sourceNamed(text: string): Source | undefined {
  if (/^\d+$/.test(text)) return { kind: 'camera', index: Number(text) };
  if (/^screen(\s|$)/i.test(text)) return screenNamed(text);
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return addressNamed(text);
  return undefined;
}

/** `screen`, `screen 1`, `screen LEFT TOP WIDTH HEIGHT`, or all five. */
function screenNamed(text: string): LiveSource {
  const numbers = text.trim().split(/\s+/).slice(1).map(Number);
  const areaAt = numbers.length === 5 ? 1 : 0;
  const isArea = numbers.length >= 4;
  const [left = 0, top = 0, width = 0, height = 0] = numbers.slice(areaAt);
  const isKnown =
    [0, 1, 4, 5].includes(numbers.length) && numbers.every((n) => Number.isInteger(n) && n >= 0);
  if (!isKnown || (isArea && (width === 0 || height === 0)))
    throw new SourceError(
      `source ${text}: a screen is written "screen", "screen 1", "screen LEFT TOP WIDTH HEIGHT" or "screen 1 LEFT TOP WIDTH HEIGHT"`,
    );
  const screen = isArea && areaAt === 0 ? 0 : (numbers[0] ?? 0);
  return { kind: 'screen', screen, ...(isArea ? { area: { left, top, width, height } } : {}) };
}

function addressNamed(address: string): Source {
  const { protocol, hostname, pathname } = parsedAddress(address);
  if (!PROTOCOLS.includes(protocol))
    throw new SourceError(`source ${address}: "${protocol}" is none of ${PROTOCOLS.join(', ')}`);
  if (YOUTUBE.test(hostname))
    throw new SourceError(
      `source ${address}: this is a web page, not a video; save the video to a file, or give the URL of its stream`,
    );
  const extension = extname(pathname).toLowerCase();
  const isFile = protocol === 'http' || protocol === 'https';
  if (isFile && IMAGE_ADDRESSES.includes(extension)) return { kind: 'image address', address };
  if (isFile && VIDEO_EXTENSIONS.includes(extension)) return { kind: 'video address', address };
  return { kind: 'stream', address };
}

function parsedAddress(address: string): { protocol: string; hostname: string; pathname: string } {
  try {
    const { protocol, hostname, pathname } = new URL(address);
    return { protocol: protocol.slice(0, -1), hostname, pathname };
  } catch {
    throw new SourceError(`source ${address}: it is not a URL`);
  }
}

/** What a source is called in output. Passwords in addresses are left out. */
export function labelOf(source: Source): string {
  if (source.kind === 'camera') return `camera ${source.index}`;
  if (source.kind === 'screen') return `screen ${source.screen}`;
  if ('path' in source) return source.path;
  return source.address.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The path that results are named after. */
export function pathOf(source: Source): string {
  if ('path' in source) return source.path;
  if (source.kind === 'camera') return String(source.index);
  if (source.kind === 'screen') return `screen${source.screen}`;
  const { pathname, hostname, port } = new URL(source.address);
  const last = pathname.split('/').findLast((part) => part !== '');
  return safeFileName(last === undefined ? `${hostname}_${port}` : decoded(last));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
