import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeEntries, PUBLIC_PACKAGES, pack, run, UNBUILT } from './packages.js';

const reason =
  UNBUILT.length > 0 ? ` (skipped: ${UNBUILT.join(', ')} not built; run npm test or pnpm build)` : '';
const names = PUBLIC_PACKAGES.map(({ json }) => json.name);

describe.skipIf(UNBUILT.length > 0)(`packed packages${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-packaging-'));
  const tarballs = new Map<string, string>();
  const bytesOf = (name: string) => new Uint8Array(readFileSync(tarballs.get(name)!));

  beforeAll(() => {
    for (const entry of PUBLIC_PACKAGES) tarballs.set(entry.json.name, pack(entry, folder));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(PUBLIC_PACKAGES)('$json.name passes publint', async ({ json }) => {
    const tarball = bytesOf(json.name).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  const typed = PUBLIC_PACKAGES.filter(({ json }) => codeEntries(json).length > 0);
  test.each(typed)('$json.name passes arethetypeswrong', async ({ json }) => {
    const result = await checkPackage(createPackageFromTarballData(bytesOf(json.name)));
    if (!result.types) throw new Error(`${json.name} ships no types`);
    // TypeScript's `node10` resolution never reads `exports`, so no subpath can work there.
    const problems = result.problems.filter((p) => !('resolutionKind' in p && p.resolutionKind === 'node10'));
    expect(problems).toEqual([]);
  });

  test.each(names)('%s carries the license', (name) => {
    expect(createPackageFromTarballData(bytesOf(name)).listFiles()).toContain(
      `/node_modules/${name}/LICENSE`,
    );
  });

  describe('installed in an empty project', () => {
    const project = join(folder, 'project');

    beforeAll(() => {
      cpSync(join(import.meta.dirname, 'consumer'), project, { recursive: true });
      const dependencies = Object.fromEntries(
        names.map((name) => [name, `file:../${basename(tarballs.get(name)!)}`]),
      );
      // The packages name each other by version; none is on the registry before it is published.
      const overrides = Object.fromEntries(names.map((name) => [name, `$${name}`]));
      const manifest = { name: 'consumer', private: true, dependencies, overrides };
      writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
      // onnxruntime-node's install script fetches CUDA libraries from outside the registry.
      run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], project);
    }, 300_000);

    test.each(['esm.mjs', 'cjs.cjs'])(
      '%s loads every entry, builds a model and freezes its backbone',
      (script) => {
        const entries = PUBLIC_PACKAGES.flatMap(({ json }) => codeEntries(json));
        const report = JSON.parse(run('node', [script, ...entries], project));
        expect(report.loaded).toEqual(entries);
        expect(report.parameters).toBe(177);
        expect(report.frozen).toBeGreaterThan(0);
        expect(report.frozen).toBeLessThan(report.parameters);
        expect(report.ops).toBeGreaterThan(20);
      },
    );

    test('npx froyolo --version prints the version', () => {
      const { version } = PUBLIC_PACKAGES.find(({ json }) => json.name === 'froyolo')!.json;
      expect(run('npx', ['--no-install', 'froyolo', '--version'], project).trim()).toBe(version);
    });
  });
});
