import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const paths = await writeExport(files, weights);
  expect(paths).toEqual([join(folder, 'best_exported.pt'), join(folder, 'best_web_model', 'model.json')]);
  expect([weights, ...paths].map((path) => readFileSync(path, 'utf8'))).toEqual(['weights', 'A', 'B']);
});
