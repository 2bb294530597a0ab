import type { ProfileFiles } from '../executors/onnx/profile.js';
import { importInNode } from '../load.js';

/** Profiles in a folder for temporary files, each in a folder of its own. Only in Node. */
export const profileFiles: ProfileFiles = {
  async newPrefix() {
    const { mkdtemp } = await importInNode<typeof import('node:fs/promises')>('node:fs/promises');
    const { tmpdir } = await importInNode<typeof import('node:os')>('node:os');
    const { join } = await importInNode<typeof import('node:path')>('node:path');
    return join(await mkdtemp(join(tmpdir(), 'froyolo-profile-')), 'profile');
  },
  async take(prefix) {
    const { readdir, readFile, rm } =
      await importInNode<typeof import('node:fs/promises')>('node:fs/promises');
    const { dirname, join } = await importInNode<typeof import('node:path')>('node:path');
    const folder = dirname(prefix);
    const [file = ''] = await readdir(folder);
    const text = await readFile(join(folder, file), 'utf8');
    await rm(folder, { recursive: true });
    return text;
  },
};
