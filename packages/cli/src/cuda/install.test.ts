import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CUDA_BACKENDS, fetchedModule, packageFolder, wheelFolder } from '@froyolo/run/node';
import { strToU8, zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { installCuda } from '../commands/devices-install.js';
import { Terminal } from '../output/terminal.js';
import { packageIndex } from './index-page.js';
import { type FakeFile, type FakeIndex, fakeIndex } from './testing/fake-index.js';
import { unpackWheel } from './unpack-wheel.js';

const isLinux = process.platform === 'linux' && process.arch === 'x64';
const note = isLinux ? '' : ' (skipped: Linux on x64 alone)';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-install-'));
const tools = join(folder, 'tools');

/** As npm leaves a package, without the network. */
const NPM = `#!/usr/bin/env node
const fs = require('fs');
for (const spec of process.argv.slice(3).filter((arg) => !arg.startsWith('-'))) {
  const name = spec.replace(/(?!^)@.*/, ''), at = 'node_modules/' + name, version = spec.slice(name.length + 1);
  fs.mkdirSync(at + '/dist', { recursive: true });
  fs.writeFileSync(at + '/package.json', JSON.stringify({ name, version, main: 'dist/index.js' }));
  fs.writeFileSync(at + '/dist/index.js', 'module.exports = ' + JSON.stringify(spec));
}
`;
/** Writes what it was asked for: its arguments. */
const COMPILER = `#!/usr/bin/env node
const { argv } = process;
if (argv.includes('-o')) require('fs').writeFileSync(argv[argv.indexOf('-o') + 1], argv.join('\\n'));
`;

function wheel({
  project,
  version,
  files,
}: {
  project: string;
  version: string;
  files: readonly string[];
}): FakeFile {
  const name = `${project.replaceAll('-', '_')}-${version}`;
  const entries = Object.fromEntries(files.map((file) => [`nvidia/x/lib/${file}`, strToU8(`${file}!`)]));
  const more = {
    [`${name}.dist-info/License.txt`]: strToU8('terms'),
    'nvidia/x/lib/libnot_wanted.so.1': strToU8('large'),
    'tensorflow/include/tsl/a/b.h': strToU8('header'),
    'tensorflow/python/c.py': strToU8('python'),
  };
  const bytes = zipSync({ ...entries, ...more });
  return { project, name: `${name}-py3-none-manylinux_2_27_x86_64.whl`, bytes };
}

let index: FakeIndex;
beforeAll(async () => {
  mkdirSync(tools);
  for (const [name, program] of Object.entries({ npm: NPM, 'g++': COMPILER })) {
    writeFileSync(join(tools, name), program);
    chmodSync(join(tools, name), 0o755);
  }
  index = await fakeIndex(CUDA_BACKENDS.flatMap(({ own, libraries }) => [own, ...libraries]).map(wheel));
});
afterAll(async () => {
  await index.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

async function install(names: readonly string[], root: string, dryRun = false): Promise<string> {
  vi.stubEnv('PATH', `${tools}${delimiter}${process.env.PATH}`);
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const terminal = new Terminal({ stdout: stream, stderr: stream, env: {} });
  const signal = new AbortController().signal;
  const own = packageIndex({ PIP_INDEX_URL: index.url });
  await installCuda({ terminal, signal }, { names, dryRun, root, index: own });
  return text;
}

test.runIf(isLinux)(
  `--dry-run tells what is missing and how large it is, and fetches nothing${note}`,
  async () => {
    const root = join(folder, 'dry');
    const before = index.requests.length;
    const text = await install(['ort-cuda'], root, true);
    for (const { project, version } of [CUDA_BACKENDS[0].own, ...CUDA_BACKENDS[0].libraries])
      expect(text).toMatch(new RegExp(`to fetch {2}${project} ${version}: [\\d.]+ K?B\n`));
    expect(text).toMatch(/onnxruntime-node 1\.30\.0, with npm\n[\d.]+ KB to download/);
    expect(text).not.toContain('tensorflow');
    expect(index.requests).toHaveLength(before);
    expect(existsSync(root)).toBe(false);
  },
);

test.runIf(isLinux)(`both back-ends: libraries, packages that find them, licenses${note}`, async () => {
  const root = join(folder, 'cuda');
  await install(['cuda'], root);
  for (const backend of CUDA_BACKENDS) {
    for (const one of [backend.own, ...backend.libraries]) {
      const there = readdirSync(wheelFolder(one, root));
      expect(there).toEqual(expect.arrayContaining([...one.files, 'licenses']));
      expect(there).not.toContain('libnot_wanted.so.1');
    }
    const installed = join(packageFolder(backend, root), 'node_modules', backend.npm.name);
    const libraries = backend.name === 'onnxruntime' ? 'bin/napi-v6/linux/x64' : 'deps/lib';
    for (const file of backend.own.files)
      expect(readFileSync(join(installed, libraries, file), 'utf8')).toBe(`${file}!`);
  }
  const [, tensorflow] = CUDA_BACKENDS;
  const from = wheelFolder(tensorflow.own, root);
  expect(readFileSync(join(from, 'include/tsl/a/b.h'), 'utf8')).toBe('header');
  const built = join(packageFolder(tensorflow, root), 'node_modules', tensorflow.npm.name, 'lib/napi-v8');
  const arguments_ = readFileSync(join(built, 'tfjs_binding.node'), 'utf8');
  expect(arguments_).toContain(`-I${from}/include`);
  expect(arguments_).toContain(`${from}/libtensorflow_cc.so.2`);
  expect(readdirSync(join(root, 'downloads'))).toEqual([]);

  const path = fetchedModule('onnxruntime-node', root) ?? '';
  expect(fileURLToPath(path)).toContain(packageFolder(CUDA_BACKENDS[0], root));
  expect((await import(/* @vite-ignore */ path)).default).toBe('onnxruntime-node@1.30.0');
  expect(fetchedModule('left-pad', root)).toBeUndefined();

  const before = index.requests.length;
  expect(await install(['cuda'], root)).toMatch(/All of it is in .* already\./);
  expect(index.requests).toHaveLength(before);
});

test.runIf(isLinux)(`what was done of an installation that failed is kept${note}`, async () => {
  const root = join(folder, 'again');
  vi.stubEnv('CXX', 'no-such-compiler');
  await expect(install(['tf-cuda'], root)).rejects.toThrow(
    /no-such-compiler failed: install a C\+\+ compiler/,
  );
  // Told before anything is fetched.
  expect(existsSync(join(root, 'wheels'))).toBe(false);
  vi.unstubAllEnvs();
  index.cutAfter = 10;
  await install(['ort-cuda'], root);
  expect(existsSync(packageFolder(CUDA_BACKENDS[0], root))).toBe(true);
  expect(readdirSync(root).sort()).toEqual(['downloads', 'packages', 'wheels']);
});

test.runIf(isLinux)(`what names no back-end is refused${note}`, async () => {
  await expect(install(['cudnn'], folder)).rejects.toThrow(
    '--install cudnn: there are cuda (all of them), ort-cuda, tf-cuda, tfjs-node-gpu',
  );
});

test('a damaged wheel, or one without what is expected, leaves no folder', async () => {
  const good = join(folder, 'good.whl');
  const bad = join(folder, 'bad.whl');
  const { bytes } = wheel({ project: 'a', version: '1', files: ['liba.so.1'] });
  writeFileSync(good, bytes);
  writeFileSync(bad, bytes.subarray(0, 60));
  const target = join(folder, 'unpacked', 'a-1');
  await expect(unpackWheel(bad, target, { files: ['liba.so.1'] })).rejects.toThrow("can't be unpacked");
  await expect(unpackWheel(good, target, { files: ['libb.so.1'] })).rejects.toThrow('has no libb.so.1');
  expect(readdirSync(join(folder, 'unpacked'))).toEqual([]);
  await unpackWheel(good, target, { files: ['liba.so.1'] });
  expect(readdirSync(target).sort()).toEqual(['liba.so.1', 'licenses']);
});
