/** What ffmpeg says about a video before it sends the first frame. */

export interface VideoInfo {
  /** Frames per second; absent if unknown. */
  readonly fps?: number;
  /** Seconds; absent of what has no end. */
  readonly duration?: number;
}

/** Reads the lines about the input; undefined as long as the one about its video isn't there. */
export function parseBanner(text: string): VideoInfo | undefined {
  const video = /^.*Stream #\S+.*Video:.*$/m.exec(text)?.[0];
  if (video === undefined || !text.slice(text.indexOf(video) + video.length).includes('\n')) return undefined;
  const fps = Number(/([\d.]+) fps/.exec(video)?.[1] ?? /([\d.]+) tbr/.exec(video)?.[1]);
  const [, h, m, s] = /Duration: (\d+):(\d+):([\d.]+)/.exec(text) ?? [];
  const duration = Number(h) * 3600 + Number(m) * 60 + Number(s);
  return { ...(fps > 0 ? { fps } : {}), ...(duration > 0 ? { duration } : {}) };
}
