/** The page of packages/web, and someone who visits it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  type BuiltPage,
  buildPage,
  findChromium,
  launchChromium,
  NO_CHROMIUM,
  serveFolder,
} from '@froyolo/chromium';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, vi } from 'vitest';

export const SHAPES = join(import.meta.dirname, '../../../packages/shapes/embedded/shapes.safetensors');

/** For what a busy machine takes its time for. */
export const SOON = { timeout: 60_000 };

const missing = findChromium() ? undefined : NO_CHROMIUM;

interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly url: string;
  /** Stops the server: the page is offline. */
  disconnect(): Promise<void>;
}

export interface Site {
  /** A new browser profile, at the page. */
  visit(options?: VisitOptions): Promise<Visit>;
  /** Folder of the built page. */
  built(): string;
  /** For files of the test. */
  readonly folder: string;
}

interface VisitOptions {
  /** Whether the server sends COOP and COEP. Default true. */
  readonly isolated?: boolean;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** Tests in Chromium, skipped where there is none. */
export function describePage(name: string, tests: (site: Site) => void): void {
  // On a machine that has other work, training takes its time.
  vi.setConfig({ testTimeout: 600_000, hookTimeout: 400_000 });
  describe.skipIf(missing)(`${name}${missing ? ` (skipped: ${missing})` : ''}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'froyolo-web-'));
    let built: BuiltPage;
    let browser: Browser;
    const closing: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      [built, browser] = await Promise.all([buildPage(), launchChromium({ camera: true })]);
      closing.push(built.remove, () => browser.close());
    });
    afterAll(async () => {
      for (const close of closing.reverse()) await close();
      rmSync(folder, { recursive: true, force: true });
    });
    const visit = async ({ isolated = true, width = 1280, colorScheme = 'light' }: VisitOptions = {}) => {
      const { url, close } = await serveFolder(built.folder, { isolated });
      closing.push(close);
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      closing.push(() => context.close());
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      await page.goto(url);
      await page.locator('#new-project').waitFor();
      return { page, context, url, disconnect: close };
    };
    tests({ visit, built: () => built.folder, folder });
  });
}

/** A project with pictures, open at its labels. */
export async function newProject(page: Page, files: readonly string[]): Promise<void> {
  await page.click('#new-project');
  await page.setInputFiles('#add-files', [...files]);
  await page.locator('.message.done').waitFor();
}

export async function openWeights(page: Page, file: string): Promise<void> {
  await page.setInputFiles('#weights-file', file);
  await page
    .locator('#weights-info')
    .filter({ hasText: basename(file) })
    .waitFor();
}

/** A project with a few labeled pictures and the embedded checkpoint, at its training of so many epochs. */
export async function labeledProject(page: Page, folder: string, epochs: number): Promise<void> {
  const out = join(folder, 'labeled');
  if (!existsSync(out)) await generateShapes({ out, classes: DEMO_CLASSES, train: 24, val: 8 });
  await page.click('#new-project');
  await page.setInputFiles('#add-folder', out);
  await page.locator('.message.done').waitFor();
  await goTo(page, 'train');
  await openWeights(page, SHAPES);
  await page.fill('#imgsz', '160');
  await page.selectOption('#length', 'epochs');
  await page.fill('#epochs', String(epochs));
  await page.locator('#imgsz').focus();
}

export const goTo = (page: Page, step: 'label' | 'train' | 'try' | 'take') =>
  page.click(`nav.steps a[href$="/${step}"]`);

/** Class and corners in pixels. */
export interface Truth {
  readonly name: string;
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** Boxes of a YOLO label file. */
export function truthsOf(file: string, names: readonly string[], side: number): Truth[] {
  const rows = readFileSync(file, 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [cls, cx, cy, w, h] = row.split(' ').map(Number) as [number, number, number, number, number];
    const corners = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2].map((value) => value * side);
    return { name: names[cls] ?? '', box: corners as unknown as Truth['box'] };
  });
}

/** Boxes of a Pascal VOC annotation, whose pixels count from 1. */
export function vocTruthsOf(file: string): Truth[] {
  const objects = readFileSync(file, 'utf8').split('<object>').slice(1);
  return objects.map((text) => {
    const value = (tag: string) => new RegExp(`<${tag}>([^<]*)<`).exec(text)?.[1] ?? '';
    const [x1, y1, x2, y2] = ['xmin', 'ymin', 'xmax', 'ymax'].map((tag) => Number(value(tag)) - 1) as [
      number,
      number,
      number,
      number,
    ];
    return { name: value('name'), box: [x1, y1, x2, y2] };
  });
}

/** Draws boxes by mouse in the picture on the stage, each with the class of its name. */
export async function drawBoxes(page: Page, truths: readonly Truth[]): Promise<void> {
  for (const { name, box } of truths) {
    await page.locator('#stage').focus();
    await page.keyboard.press('Escape');
    const known = page.locator('.classes .class').filter({ hasText: new RegExp(`^${name}\\d*$`) });
    if ((await known.count()) > 0) await known.click();
    else {
      await page.fill('.panel .new-class', name);
      await page.keyboard.press('Enter');
      await known.waitFor();
    }
    await drag(page, box);
  }
}

/** Drags the mouse from corner to corner of a box of the picture on the stage. */
export async function drag(page: Page, [x1, y1, x2, y2]: Truth['box']): Promise<void> {
  const image = page.locator('#stage img.shown');
  // Until the stage knows its size the picture is a point.
  await page.waitForFunction(
    () => (document.querySelector('#stage img.shown')?.getBoundingClientRect().width ?? 0) > 50,
  );
  const { left, top, scale } = await image.evaluate((shown: HTMLImageElement) => {
    const at = shown.getBoundingClientRect();
    return { left: at.left, top: at.top, scale: at.width / shown.clientWidth };
  });
  await page.mouse.move(left + x1 * scale, top + y1 * scale);
  await page.mouse.down();
  await page.mouse.move(left + ((x1 + x2) / 2) * scale, top + y2 * scale);
  await page.mouse.move(left + x2 * scale, top + y2 * scale);
  await page.mouse.up();
}

export interface KeptPicture {
  readonly path: string;
  readonly boxes: readonly { readonly box: readonly number[] }[];
}

/** What the browser's database holds. */
export const keptPictures = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<KeptPicture[]>((resolve, reject) => {
        const opening = indexedDB.open('froyolo');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction('pictures').objectStore('pictures').getAll();
          reading.onsuccess = () => {
            opening.result.close();
            resolve(reading.result);
          };
        };
      }),
  );

/** Waits for the training's last words. */
export async function trained(page: Page, words = /^(Finished|Stopped)/): Promise<string> {
  const status = page.locator('#status').filter({ hasText: words });
  await status.waitFor({ timeout: 500_000 });
  return (await status.textContent()) ?? '';
}

export const figure = async (page: Page, id: string) => Number(await page.textContent(`#${id}`));

/** Clicks what gives a file, and keeps it. */
export async function taken(page: Page, button: string, folder: string): Promise<string> {
  const [download]: [Download, unknown] = await Promise.all([
    page.waitForEvent('download'),
    page.click(button),
  ]);
  const file = join(folder, download.suggestedFilename());
  await download.saveAs(file);
  return file;
}
