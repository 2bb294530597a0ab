/** Makes libraries that lie in folders of ours known to the dynamic loader of this process. */
import { constants } from 'node:os';
import type { FoundLibrary } from './libraries.js';

/** Keeps a library loaded though Node closes it again, since it is no addon; glibc's value. */
const NODELETE = 0x1000;

/**
 * Loads libraries in their order, so that whatever asks for them by name later gets these. The search path can't be
 * changed for that: the loader reads it once, when the process starts.
 * @returns names of those that can't be loaded, each with the reason
 */
export function loadLibraries(libraries: readonly FoundLibrary[]): ReadonlyMap<string, string> {
  const failed = new Map<string, string>();
  for (const { name, path, bySystem } of libraries) {
    if (path === undefined || bySystem) continue;
    const reason = load(path);
    if (reason !== undefined) failed.set(name, reason);
  }
  return failed;
}

function load(path: string): string | undefined {
  const { RTLD_LAZY, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_LAZY | RTLD_GLOBAL | NODELETE);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return /did not self-register/i.test(reason) ? undefined : reason;
  }
}
