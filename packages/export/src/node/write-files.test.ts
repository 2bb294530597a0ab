import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '@froyolo/common/node';
import { afterAll, expect, test } from 'vitest';
import { writeExport } from './write-files.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-write-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('files lie beside the weights, which are never replaced', async () => {
  const weights = join(folder, 'best.pt');
  writeFileSync(weights, 'weights');
  const files = [
    { format: 'pt', path: 'best.pt', bytes: Uint8Array.of(65) },
    { format: 'tfjs', path: 'best_web_model/model.json', bytes: Uint8Array.of(66) },
  ] as const;
  // Of a process with a number that none can have.
  const left = temporaryName(join(folder, 'best_exported.pt')).replace(
    `-${process.pid}-`,
    `-${2 ** 22 + 1}-`,
  );
  writeFileSync(left, '');
  const paths = await writeExport(files, weights);
  expect(existsSync(left)).toBe(false);
  expect(paths).toEqual([join(folder, 'best_exported.pt'), join(folder, 'best_web_model', 'model.json')]);
  expect([weights, ...paths].map((path) => readFileSync(path, 'utf8'))).toEqual(['weights', 'A', 'B']);
});
