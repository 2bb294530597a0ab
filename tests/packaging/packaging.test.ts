import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ALL_RUNTIME_PACKAGES,
  codeEntries,
  folderBytes,
  PUBLIC_PACKAGES,
  pack,
  RUNTIME_PACKAGES,
  run,
  UNBUILT,
} from './packages.js';

const reason =
  UNBUILT.length > 0 ? ` (skipped: ${UNBUILT.join(', ')} not built; run npm test or pnpm build)` : '';
const names = PUBLIC_PACKAGES.map(({ json }) => json.name);

describe.skipIf(UNBUILT.length > 0)(`packed packages${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-packaging-'));
  const tarballs = new Map<string, string>();
  const bytesOf = (name: string) => new Uint8Array(readFileSync(tarballs.get(name)!));

  beforeAll(() => {
    for (const entry of [...PUBLIC_PACKAGES, ...RUNTIME_PACKAGES])
      tarballs.set(entry.json.name, pack(entry, folder));
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
        [...tarballs].map(([name, path]) => [name, `file:../${basename(path)}`]),
      );
      // The packages name each other by version; none is on the registry before it is published. Other platforms'
      // binaries, which npm would leave out, are stood in for by an empty package.
      const absent = ALL_RUNTIME_PACKAGES.map(({ json }) => json.name).filter((name) => !tarballs.has(name));
      const overrides = {
        ...Object.fromEntries([...tarballs.keys()].map((name) => [name, `$${name}`])),
        ...Object.fromEntries(absent.map((name) => [name, 'file:./absent'])),
      };
      const manifest = { name: 'consumer', private: true, dependencies, overrides };
      writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
      // Install scripts run, as they do for anyone who writes `npm install froyolo`.
      run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], project);
    }, 300_000);

    test('what is installed takes at most 150 MB', () => {
      expect(folderBytes(join(project, 'node_modules'))).toBeLessThan(150e6);
    });

    test('no package fetches anything at installation', () => {
      const { packages } = JSON.parse(readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8'));
      const scripted = Object.entries<{ hasInstallScript?: boolean }>(packages).filter(
        ([, { hasInstallScript }]) => hasInstallScript,
      );
      // sharp and msgpackr-extract look for their prebuilt binaries, protobufjs warns of versions: none opens a connection.
      const harmless = /node_modules\/(sharp|protobufjs|msgpackr-extract)$/;
      expect(scripted.map(([path]) => path).filter((path) => !harmless.test(path))).toEqual([]);
    });

    test('npx froyolo devices computes on the CPU', () => {
      expect(run('npx', ['--no-install', 'froyolo', 'devices'], project)).toMatch(/ort-cpu +cpu +yes/);
    });

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
