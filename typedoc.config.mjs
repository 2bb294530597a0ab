// The API reference, from the docstrings of every published entry: `pnpm docs:api` writes `docs/api`.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { paths } = JSON.parse(readFileSync('tsconfig.base.json', 'utf8')).compilerOptions;

/** Whether the package that a source file belongs to is published. */
function published(file) {
  const folder = join(...file.split('/').slice(0, 2));
  return !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private;
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'Froyolo',
  entryPoints: Object.values(paths)
    .map(([file]) => file)
    .filter(published),
  out: 'docs/api',
  readme: 'README.md',
  tsconfig: 'tsconfig.json',
  excludeInternal: true,
  excludePrivate: true,
  // Types that a signature names but no entry exports are shown where they are used.
  // The README links to folders of packages.
  validation: { notExported: false, invalidLink: true, invalidPath: false },
  treatWarningsAsErrors: true,
  basePath: dirname(new URL(import.meta.url).pathname),
};
