/** Holds the documents to the table of settings: `pnpm docs:flags` writes them anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsIn } from '@froyolo/run/settings';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commands.js';
import { FLAGS } from '../flags.js';
import { featureTable, flagTable, withTables } from './tables.js';

const root = join(import.meta.dirname, '../../../..');

test.each([
  ['docs/cli.md', 'flags', flagTable],
  ['FEATURES.md', 'features', featureTable],
] as const)('%s has the flags of the table of settings', async (file, kind, table) => {
  const path = join(root, file);
  await expect(withTables(readFileSync(path, 'utf8'), kind, table)).toMatchFileSnapshot(path);
});

test.each(COMMANDS)('docs/cli.md has a section on "$name" with its flags', ({ name }) => {
  const text = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const section = text.split('\n## ').find((part) => part.startsWith(`\`froyolo ${name}\``));
  expect(section).toContain(`<!-- flags: ${name} -->`);
});

test('flags that the command line adds are those of a command that exists', () => {
  const commands = FLAGS.flatMap((row): readonly string[] => row.in).filter((name) => name !== 'page');
  expect(new Set(commands)).toEqual(
    new Set(COMMANDS.map(({ name }) => name).filter((name) => rowsIn(FLAGS, name).length > 0)),
  );
});
