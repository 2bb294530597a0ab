/** Where a project's cached features lie: among the files of this browser, beside its database. */

const FOLDER = 'features';

async function folders(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** @returns nothing where this browser has no such files */
export async function featureFolder(project: string): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await (await folders()).getDirectoryHandle(project, { create: true });
  } catch {
    return undefined;
  }
}

/** Deletes a project's features; a failure doesn't matter, since they can be made again. */
export async function deleteFeatures(project: string): Promise<void> {
  try {
    await (await folders()).removeEntry(project, { recursive: true });
  } catch {
    // There are none, or this browser has no file system for pages.
  }
}
