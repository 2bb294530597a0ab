import { expect, test } from 'vitest';
import { ProgressBar } from './progress.js';
import { Terminal } from './terminal.js';
import { MAX_WARNINGS, printWarnings } from './warnings.js';

function capture({ isTTY = false, env = {} }: { isTTY?: boolean; env?: Record<string, string> } = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 40,
    write: (text: string) => (written[name] += text),
  });
  const terminal = new Terminal({ stdout: stream('stdout'), stderr: stream('stderr'), env });
  return { terminal, written };
}

test('results go to stdout, everything else to stderr', () => {
  const { terminal, written } = capture();
  terminal.print('result');
  terminal.note('note');
  terminal.warn('careful');
  terminal.error('wrong');
  expect(written).toEqual({ stdout: 'result\n', stderr: 'note\nwarning: careful\nerror: wrong\n' });
});

test('nothing is drawn in place where the output is not a terminal', () => {
  const { terminal, written } = capture();
  new ProgressBar(terminal).update('epoch 1', 10, 10);
  expect(written.stderr).toBe('');
});

test('a live line makes room for a line above it, and is cut to the width', () => {
  const { terminal, written } = capture({ isTTY: true });
  terminal.live('x'.repeat(60));
  terminal.print('line');
  terminal.live('');
  const clear = '\r\u001b[2K';
  const live = 'x'.repeat(39);
  expect(written.stderr).toBe(clear + live + clear + live + clear);
  expect(written.stdout).toBe('line\n');
});

test.each([
  ['a terminal', { isTTY: true }, true],
  ['a pipe', { isTTY: false }, false],
  ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
  ['an empty NO_COLOR, which counts as not set', { isTTY: true, env: { NO_COLOR: '' } }, true],
  ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false],
])('colors with %s', (_, options, colored) => {
  const { terminal } = capture(options);
  expect(terminal.colors.red('x') !== 'x').toBe(colored);
});

test('many warnings are counted', () => {
  const { terminal, written } = capture();
  printWarnings(
    terminal,
    Array.from({ length: MAX_WARNINGS + 3 }, (_, i) => `labels/${i}.txt:2: bad`),
  );
  const lines = written.stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(MAX_WARNINGS + 1);
  expect(lines[0]).toBe('warning: labels/0.txt:2: bad');
  expect(lines.at(-1)).toBe('warning: 3 more like these');
});

test('control characters of names are shown, not sent; our own colors are sent', () => {
  let written = '';
  const stream = { write: (text: string) => (written += text), isTTY: true };
  const terminal = new Terminal({ stdout: stream, stderr: stream, env: {} });
  terminal.print('\u001b]0;title\u0007 \u001b[31mred\u001b[0m \u202eright\ttab');
  expect(written).toBe('\\u001b]0;title\\u0007 \\u001b[31mred\\u001b[0m \\u202eright\ttab\n');
  written = '';
  terminal.warn('\u001b[2J');
  expect(written).toBe('\u001b[33mwarning:\u001b[39m \\u001b[2J\n');
});
