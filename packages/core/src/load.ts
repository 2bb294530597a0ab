/** Loads optional packages when they are asked for. */

/** Tells whether an error says that a package is not installed; a missing library is another failure. */
export function isMissing(error: unknown, packageName: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: string };
  const unresolved = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  // Vite's dev server and vitest resolve packages themselves and say it in words.
  const inWords = /cannot find (package|module)|failed to resolve|could not resolve|failed to load url/i;
  return (unresolved || inWords.test(error.message)) && error.message.includes(packageName);
}

/**
 * Imports a package that only Node has; the name is a variable so that no bundler for browsers looks for it.
 * @param path URL of a module to import in its place
 */
export async function importInNode<T>(packageName: string, path = packageName): Promise<T> {
  const loaded = (await import(/* @vite-ignore */ path)) as T & { default?: T };
  // Packages in CommonJS come as the default export.
  return loaded.default ?? loaded;
}

/**
 * Imports the first of some packages that is installed.
 * @param pathOf URL of a module to import in the place of a package
 * @throws what importing the first throws, when none is installed; what importing one throws, when it is but fails
 */
export async function importFirst<T>(
  packageNames: readonly string[],
  pathOf: (packageName: string) => string | undefined = () => undefined,
): Promise<T> {
  let missing: unknown;
  for (const name of packageNames) {
    try {
      return await importInNode<T>(name, pathOf(name));
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      missing ??= error;
    }
  }
  throw missing;
}
