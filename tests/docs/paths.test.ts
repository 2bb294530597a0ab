/** Documentation names files of the repository; each must exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const PACKAGES = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}/README.md`);
const DOCUMENTS = [
  ...globSync(['*.md', 'docs/*.md', 'docs/contributing/*.md'], { cwd: ROOT }),
  ...PACKAGES.filter((file) => existsSync(join(ROOT, file))),
];

/** Paths in backticks that begin with a folder of the repository; `*` and `{a,b}` are patterns, NAME a placeholder. */
function pathsNamed(text: string): string[] {
  const quoted = text.matchAll(/`((?:packages|tests|docs|scripts|bench|examples|runtime)\/[^`\s]*)`/g);
  return [...quoted]
    .map(([, path = '']) => path)
    .filter((path) => !/[A-Z]{3,}/.test(path.split('/').at(-1) ?? ''));
}

/** Targets of links to files, without their anchors. */
const linked = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, path = '']) => path)
    .filter((path) => !/^\w+:/.test(path));

const exists = (path: string): boolean =>
  existsSync(join(ROOT, path)) ||
  globSync(path.replace(/:\d+$/, ''), { cwd: ROOT, onlyFiles: false }).length > 0;

test.each(DOCUMENTS)('%s names files that exist', (file) => {
  expect(pathsNamed(read(file)).filter((path) => !exists(path))).toEqual([]);
});

test.each(DOCUMENTS)('%s links to files that exist', (file) => {
  const missing = linked(read(file)).filter((path) => !existsSync(join(ROOT, dirname(file), path)));
  expect(missing).toEqual([]);
});
