import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const LONGEST = 300;
/** Stands in the first comment of a longer file, before its reason. */
const REASON = 'Longer than other files on purpose:';

const FILES = globSync(
  ['{packages,tests,bench,scripts,examples,runtime}/**/*.{ts,tsx,mjs,cjs}', '*.{ts,mjs}'],
  {
    cwd: ROOT,
    ignore: ['**/node_modules/**', '**/dist/**'],
  },
);

/** The comment that a file begins with, on one line. */
const headOf = (text: string): string =>
  (/^\/\*\*.*?\*\//s.exec(text)?.[0] ?? '').replace(/\s*\n \* ?/g, ' ');

test('the reason of a long file is looked for in its first comment only', () => {
  expect(headOf(`/**\n * A table. ${REASON}\n * it is one.\n */\nconst a = 1;`)).toContain(
    `${REASON} it is one.`,
  );
  expect(headOf(`const a = 1;\n/** ${REASON} */`)).toBe('');
});

test(`a file of more than ${LONGEST} lines says at its head why`, () => {
  const long = FILES.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const lines = text.split('\n').length - 1;
    return lines > LONGEST && !headOf(text).includes(REASON) ? [`${file}: ${lines} lines`] : [];
  });
  expect(FILES.length).toBeGreaterThan(500);
  expect(long).toEqual([]);
});
