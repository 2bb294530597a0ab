/** Pages in headless Chromium. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from './find.js';
import { serveFolder } from './serve.js';

/** Bundling is as for the page that people open. */
const WEB = resolve(import.meta.dirname, '../../web');

/** WebGPU on the CPU, for machines without a GPU: right, and so slow that the watchdog would take it for hung. */
const SOFTWARE_GPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-gpu-watchdog',
];

/** WebGPU on the machine's own GPU through Vulkan, without a screen; `VK_DRIVER_FILES` may have to name the driver. */
const HARDWARE_GPU = [
  '--enable-unsafe-webgpu',
  '--use-angle=vulkan',
  '--enable-features=Vulkan,VulkanFromANGLE',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
  '--disable-gpu-sandbox',
];

export interface ChromiumOptions {
  /** WebGPU imitated on the CPU. */
  readonly softwareGpu?: boolean;
  /** WebGPU on the machine's own GPU, which Chromium doesn't use by itself without a screen. */
  readonly hardwareGpu?: boolean;
  readonly camera?: boolean;
}

/** A camera that shows a moving picture, and is allowed to every page. */
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** @throws Error if there is no Chromium */
export function launchChromium({
  softwareGpu = false,
  hardwareGpu = false,
  camera = false,
}: ChromiumOptions = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  // Without its sandbox, since containers often don't allow one: it loads nothing but pages of this project.
  const args = [
    ...(softwareGpu ? SOFTWARE_GPU : []),
    ...(hardwareGpu ? HARDWARE_GPU : []),
    ...(camera ? FAKE_CAMERA : []),
  ];
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
}

export interface BuiltPage {
  /** Holds `index.html` and all that it loads. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** Builds a page into a folder of its own. @param root the folder of its `index.html`; by default that of packages/web */
export async function buildPage(root: string = WEB): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'froyolo-page-'));
  // Not where a page is opened that was built elsewhere.
  const { build } = await import('vite');
  // As visitors get it, though the environment of tests says otherwise.
  const environment = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      root,
      configFile: join(WEB, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true, minify: false, chunkSizeWarningLimit: 10_000 },
    });
  } finally {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface PageWorker {
  /** Calls a function that the worker keeps in its global scope. */
  call<T>(name: string, ...args: unknown[]): Promise<T>;
  close(): Promise<void>;
}

/** Builds a page that starts one web worker, opens it, and gives that worker. */
export async function openPageWorker(root: string, options: ChromiumOptions = {}): Promise<PageWorker> {
  const built = await buildPage(root);
  return openBuiltWorker(built, options).catch(async (error: unknown) => {
    await built.remove();
    throw error;
  });
}

/** The same for a page that is built, which is removed in the end. */
export async function openBuiltWorker(built: BuiltPage, options: ChromiumOptions = {}): Promise<PageWorker> {
  const served = await serveFolder(built.folder);
  const browser = await launchChromium(options).catch(async (error: unknown) => {
    await served.close();
    throw error;
  });
  const close = async () => {
    await browser.close();
    await served.close();
    await built.remove();
  };
  try {
    const page = await browser.newPage();
    const [worker] = await Promise.all([
      page.waitForEvent('worker'),
      page.waitForEvent('console', (message) => message.text() === 'worker ready'),
      page.goto(served.url),
    ]);
    return {
      close,
      call: (name, ...args) =>
        worker.evaluate(
          ([called, values]) =>
            (globalThis as unknown as Record<string, (...args: unknown[]) => never>)[called](...values),
          [name, args] as const,
        ),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
