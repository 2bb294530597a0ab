import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Terminal } from './output/terminal.js';
import { createProgram } from './program.js';

const text = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
const silent = { write: () => true };
const terminal = new Terminal({ stdout: silent, stderr: silent, env: {} });
const { commands } = createProgram({ terminal, signal: new AbortController().signal });

test.each(commands)('docs/cli.md lists the flags of "$name"', ({ name, flags }) => {
  const section = text.split('\n## ').find((part) => part.startsWith(`\`froyolo ${name}\``));
  const listed = section?.match(/`--[a-z-]+/g)?.map((flag) => flag.slice(1)) ?? [];
  expect([...new Set(listed)].sort()).toEqual(flags.filter((flag) => flag !== '--debug').sort());
});
