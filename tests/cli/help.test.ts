import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { BIN, IS_BUILT } from './froyolo.js';

const reason = IS_BUILT ? '' : ' (skipped: not built; run npm test or pnpm build)';

/** Writes the address of every module that is loaded to stderr. */
const HOOKS = `import { writeSync } from 'node:fs';
export function load(url, context, next) {
  writeSync(2, url + '\\n');
  return next(url, context);
}`;
const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(HOOKS))});`;

/** Names of the packages whose modules a command line loads, besides its own. */
function packagesLoadedBy(args: readonly string[]): { stdout: string; packages: string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', dataUrl(REGISTER), BIN, ...args], {
    encoding: 'utf8',
  });
  const urls = stderr.split('\n').filter((url) => url.startsWith('file:'));
  const names = urls.map(
    (url) =>
      /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ??
      /\/packages\/([^/]+)\//.exec(url)?.[1] ??
      url,
  );
  return { stdout, packages: [...new Set(names)].sort() };
}

test.skipIf(!IS_BUILT).each([
  { args: [], flag: 'train' },
  { args: ['train'], flag: '--patience <epochs>' },
  { args: ['compare'], flag: '--seeds <count>' },
  { args: ['data', 'convert'], flag: '--keep-crowds' },
])(
  `froyolo $args --help loads neither the settings nor what checks them${reason}`,
  ({ args, flag }) => {
    const { stdout, packages } = packagesLoadedBy([...args, '--help']);
    expect(stdout).toContain(flag);
    expect(packages).toEqual(['cli', 'commander', 'errors', 'picocolors']);
  },
  60_000,
);
