/** Where SavedModels are written. Node alone has files. */

import type { Graph } from '../../graph/node.js';
import { importInNode } from '../../load.js';
import { type SavedModelOptions, toSavedModel } from './saved-model.js';
import type { SessionHost } from './session.js';

const FILE = 'saved_model.pb';

const node = async () => ({
  fs: await importInNode<typeof import('node:fs/promises')>('node:fs/promises'),
  os: await importInNode<typeof import('node:os')>('node:os'),
  path: await importInNode<typeof import('node:path')>('node:path'),
});

/** A folder in the system's place for temporary files, there until it is removed. */
export const temporaryFolder: SessionHost['keep'] = async (bytes) => {
  const { fs, os, path } = await node();
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'froyolo-'));
  const replace = (content: Uint8Array) => fs.writeFile(path.join(folder, FILE), content);
  await replace(bytes);
  return { folder, replace, remove: () => fs.rm(folder, { recursive: true, force: true }) };
};

/**
 * Writes a SavedModel: `folder/saved_model.pb` and an empty `folder/variables`, in place of what is there.
 * @param graph without parameters: bind them with `bindConstants`
 */
export async function exportSavedModel(
  graph: Graph,
  folder: string,
  options: SavedModelOptions = {},
): Promise<void> {
  const bytes = toSavedModel(graph, options);
  const { fs, path } = await node();
  const temporary = await fs.mkdtemp(`${folder}.part-`);
  try {
    await fs.writeFile(path.join(temporary, FILE), bytes);
    await fs.mkdir(path.join(temporary, 'variables'));
    await fs.rm(folder, { recursive: true, force: true });
    await fs.rename(temporary, folder);
  } finally {
    await fs.rm(temporary, { recursive: true, force: true });
  }
}
