import type { Options } from 'tsup';

/** How a library of the workspace is built: ESM, CommonJS and types of each entry, `{ NAME: 'src/FILE.ts' }`. */
export function library(entry: Readonly<Record<string, string>>, options: Options = {}): Options {
  return {
    entry: { ...entry },
    format: ['esm', 'cjs'],
    dts: true,
    clean: true,
    sourcemap: true,
    shims: true,
    tsconfig: '../../tsconfig.base.json',
    ...options,
  };
}
