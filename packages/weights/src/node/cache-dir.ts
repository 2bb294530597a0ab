import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The per-user folder for downloads: `FROYOLO_CACHE` when set, else the platform's convention: `%LOCALAPPDATA%\froyolo` on
 * Windows, `~/Library/Caches/froyolo` on macOS, `$XDG_CACHE_HOME/froyolo` or `~/.cache/froyolo` elsewhere.
 */
export function cacheDir(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  if (env.FROYOLO_CACHE) return env.FROYOLO_CACHE;
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'froyolo');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'froyolo');
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'froyolo');
}
