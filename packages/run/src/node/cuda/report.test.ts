import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fakeH100, fakeNvidiaSmi } from '@froyolo/testing';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CUDA_BACKENDS } from './backends.js';
import { neededLibraries } from './elf.js';
import { wheelFolder } from './folders.js';
import { findLibraries, parseLoaderPaths } from './libraries.js';
import { loadLibraries } from './load-libraries.js';
import { cudaReport } from './report.js';

const isLinux = process.platform === 'linux' && process.arch === 'x64';
const elsewhere = isLinux ? '' : ' (skipped: Linux on x64 alone)';
const [onnxruntime] = CUDA_BACKENDS;
const folder = mkdtempSync(join(tmpdir(), 'froyolo-cuda-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const places = (name: string) => ({
  root: join(folder, name),
  env: {},
  known: new Map<string, string>(),
  toolkits: [],
});

function put(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'no library');
  return path;
}

test('paths as the dynamic loader lists them; those for other processors are left out', () => {
  const output = [
    "2 libs found in cache `/etc/ld.so.cache'",
    '\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1',
    '\tlibz.so.1 (libc6) => /lib/i386-linux-gnu/libz.so.1',
    '\tlibcublas.so.13 (libc6,x86-64, OS ABI: Linux 3.2.0) => /opt/libcublas.so.13',
  ].join('\n');
  expect([...parseLoaderPaths(output)]).toEqual([
    ['libz.so.1', '/lib/x86_64-linux-gnu/libz.so.1'],
    ['libcublas.so.13', '/opt/libcublas.so.13'],
  ]);
});

test('a library is looked for where the loader looks, then in what was fetched, then in a toolkit', async () => {
  const here = places('found');
  const told = join(folder, 'told');
  const toolkit = join(folder, 'toolkit');
  const [runtime, blas] = onnxruntime.libraries;
  const fetched = put(join(wheelFolder(blas, here.root), 'libcublas.so.13'));
  put(join(wheelFolder(runtime, here.root), 'libcudart.so.13'));
  const first = put(join(told, 'libcudart.so.13'));
  const last = put(join(toolkit, 'libcurand.so.10'));
  const found = await findLibraries(onnxruntime, {
    ...here,
    env: { LD_LIBRARY_PATH: `:${told}` },
    known: new Map([['libcudnn.so.9', '/lib/libcudnn.so.9']]),
    toolkits: [toolkit],
  });
  expect(found).toEqual([
    { name: 'libcudart.so.13', path: first, bySystem: true },
    { name: 'libcublasLt.so.13' },
    { name: 'libcublas.so.13', path: fetched, bySystem: false },
    { name: 'libcurand.so.10', path: last, bySystem: false },
    { name: 'libnvrtc.so.13' },
    { name: 'libcudnn.so.9', path: '/lib/libcudnn.so.9', bySystem: true },
  ]);
});

test.runIf(isLinux)(`GPUs, driver, libraries and what to do about the missing ones${elsewhere}`, async () => {
  vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0), { ...fakeH100(1), 'memory.free': '[N/A]' }]));
  const here = places('whole');
  for (const { opened, ...wheel } of onnxruntime.libraries)
    for (const name of opened) put(join(wheelFolder(wheel, here.root), name));
  const { gpus, driver, driverCuda, backends, visible } = await cudaReport(here);
  expect(gpus).toEqual([
    {
      index: 0,
      name: 'NVIDIA H100 80GB HBM3',
      memory: { free: 80_000 * 2 ** 20, total: 81_559 * 2 ** 20 },
    },
    { index: 1, name: 'NVIDIA H100 80GB HBM3' },
  ]);
  expect([driver, driverCuda, visible]).toEqual(['580.159.03', '13.0', undefined]);
  const [ort, tensorflow] = backends;
  expect(ort.libraries.every(({ path }) => path?.startsWith(here.root))).toBe(true);
  expect(ort.package.version).toBe('1.30.0');
  expect(tensorflow.libraries.every(({ path }) => path === undefined)).toBe(true);
  expect(tensorflow.advice).toEqual(['CUDA 12, cuDNN 9 and the package: froyolo devices --install tf-cuda']);
});

test.runIf(isLinux)(`a driver that is missing, or too old for one CUDA${elsewhere}`, async () => {
  vi.stubEnv('PATH', dirname(process.execPath));
  const without = await cudaReport({ ...places('none'), env: { CUDA_VISIBLE_DEVICES: '1' } });
  expect(without).toMatchObject({ gpus: [], visible: ['1'] });
  expect(without.driver).toBeUndefined();
  expect(without.backends[0].advice[0]).toContain('install the NVIDIA driver, 580 or later');
  vi.stubEnv('PATH', fakeNvidiaSmi([{ ...fakeH100(), driver_version: '550.90.07' }], '12.4'));
  const old = await cudaReport(places('none'));
  expect(old.driverCuda).toBe('12.4');
  expect(old.backends[0].advice[0]).toBe(
    'update the driver: 550.90.07 is too old for CUDA 13, which needs 580 or later',
  );
  expect(old.backends[1].advice).toHaveLength(1);
});

test.runIf(isLinux)(`names that a library is linked with${elsewhere}`, async () => {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const binding = join(dirname(main), '../bin/napi-v6/linux/x64/onnxruntime_binding.node');
  expect(await neededLibraries(binding)).toEqual(
    expect.arrayContaining(['libonnxruntime.so.1', 'libc.so.6']),
  );
  const text = put(join(folder, 'text'));
  expect(await neededLibraries(text)).toEqual([]);
});

const hasCompiler = isLinux && ['/usr/bin/gcc', '/usr/local/bin/gcc'].some((path) => existsSync(path));

test.runIf(hasCompiler)(
  `a library that was loaded by its path is found by its name${hasCompiler ? '' : ' (skipped: gcc is missing)'}`,
  () => {
    const compile = (name: string, source: string, ...more: string[]) => {
      const path = join(folder, `${name}.c`);
      writeFileSync(path, source);
      execFileSync('gcc', ['-shared', '-fPIC', path, ...more]);
    };
    const base = join(folder, 'libfroyolobase.so.1');
    compile('base', 'int base(void) { return 7; }', '-Wl,-soname,libfroyolobase.so.1', '-o', base);
    const user = join(folder, 'user.so');
    compile('user', 'int base(void); int user(void) { return base(); }', base, '-o', user);
    const load = () => process.dlopen({ exports: {} }, user);
    expect(load).toThrow('libfroyolobase.so.1: cannot open shared object file');
    expect(loadLibraries([{ name: 'libfroyolobase.so.1', path: base, bySystem: false }]).size).toBe(0);
    // Loaded, though it is no addon.
    expect(load).toThrow('did not self-register');
  },
);

test.runIf(isLinux)(`a library that can't be loaded is told with the reason${elsewhere}`, () => {
  const path = put(join(folder, 'libbroken.so'));
  const failed = loadLibraries([
    { name: 'libbroken.so', path, bySystem: false },
    { name: 'libgone.so' },
    { name: 'libc.so.6', path: '/lib/libc.so.6', bySystem: true },
  ]);
  expect([...failed.keys()]).toEqual(['libbroken.so']);
});
