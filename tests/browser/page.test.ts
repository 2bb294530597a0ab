/**
 * The page of packages/web, as its visitor uses it. Longer than other files on purpose: one browser and one server, started
 * once, serve every test.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import {
  type BuiltPage,
  buildPage,
  findChromium,
  launchChromium,
  NO_CHROMIUM,
  serveFolder,
} from '@froyolo/chromium';
import { classColor } from '@froyolo/data';
import { decodeImage } from '@froyolo/data/node';
import { loadDetector } from '@froyolo/run/node';
import { DEMO_CLASSES, PRETRAIN_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { zipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { froyolo, IS_BUILT } from '../cli/froyolo.js';
import { noGoldens, sharedPath } from '../parity/goldens.js';
import { iou } from '../parity/iou.js';

// On a machine that has other work, training takes its time.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

const missing = !findChromium()
  ? NO_CHROMIUM
  : IS_BUILT
    ? undefined
    : 'the command line is not built; run npm test or pnpm build';
const SHAPES = join(import.meta.dirname, '../../packages/shapes/embedded/shapes.safetensors');

/** As many as the embedded checkpoint has, so that its last layer is kept; it knows two of them. */
const MIXED = [...PRETRAIN_CLASSES.slice(0, 2), ...DEMO_CLASSES];

/** Confidence from which on detections are compared. */
const LEAST = 0.05;

describe.skipIf(missing)(`the page in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-web-'));
  let built: BuiltPage;
  let browser: Browser;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    [built, browser] = await Promise.all([buildPage(), launchChromium()]);
    closing.push(built.remove, () => browser.close());
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The page once it has found its device. */
  async function open({ isolated = true } = {}): Promise<Page> {
    const { url, close } = await serveFolder(built.folder, { isolated });
    closing.push(close);
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(url);
    await page.locator('#device[data-state]').waitFor();
    return page;
  }

  /** Opens files by the page's own inputs, and waits until it has read them. */
  async function openBoth(page: Page, checkpoint: string, data: string): Promise<void> {
    await page.setInputFiles('#model-file', checkpoint);
    await page.locator('#model-info strong').waitFor();
    await page.setInputFiles('#data-folder', data);
    await page.locator('#data-info strong').waitFor();
  }

  /** Notes every loss that the page shows from now on, with the epoch that it shows. */
  const watchLosses = (page: Page) =>
    page.evaluate(() => {
      const tile = document.getElementById('tile-loss')!;
      const shown: [epoch: number, loss: number][] = [];
      Object.assign(globalThis, { shownLosses: shown });
      const note = () => {
        const [, epoch] = /^Epoch (\d+)/.exec(document.getElementById('status')!.textContent ?? '') ?? [];
        const loss = Number(tile.textContent);
        if (epoch && loss > 0) shown.push([Number(epoch), loss]);
      };
      new MutationObserver(note).observe(document.getElementById('status')!, { childList: true });
    });

  const meanLoss = async (page: Page, [from, to]: readonly [number, number]) => {
    const all = await page.evaluate(() => (globalThis as unknown as ShownLosses).shownLosses);
    const own = all.filter(([epoch]) => from <= epoch && epoch <= to).map(([, loss]) => loss);
    return own.reduce((a, b) => a + b, 0) / own.length;
  };

  const status = (page: Page, text: RegExp) =>
    page.locator('#status').filter({ hasText: text }).waitFor({ timeout: 300_000 });

  test('a checkpoint is opened, trained with a frozen backbone, stopped, gone on with, looked at and saved', async () => {
    const { checkpoint, data, images, names, imgsz, batchSize, epochs } = await material(folder);
    const page = await open();
    expect(await page.textContent('#device-name')).toMatch(/WebAssembly, onnxruntime.* \d+ threads/);
    expect(await page.textContent('#train-hint')).toContain('Open a checkpoint and images');
    await openBoth(page, checkpoint, data);
    expect(await page.textContent('#data-info')).toContain('Training: 16 images');
    expect(await page.textContent('#train-hint')).toBe('');

    await page.locator('input[name=freeze][value="10"]').check();
    await page.fill('#imgsz', String(imgsz));
    await page.fill('#batch-size', String(batchSize));
    await page.fill('#epochs', String(epochs));
    await page.locator('details.more summary').first().click();
    await page.selectOption('#recipe', 'demo');
    await watchLosses(page);
    await page.click('#train');
    // The status may have passed on before a poll sees it; the notes have every epoch.
    await page.waitForFunction(() =>
      (globalThis as unknown as ShownLosses).shownLosses.some(([epoch]) => epoch >= 5),
    );
    expect(Number(await page.textContent('#tile-speed'))).toBeGreaterThan(0);

    // The page answers while its worker trains: the click is taken at once, and training ends before its last epoch.
    await page.click('#stop');
    expect(await page.textContent('#status')).toMatch(/^(Stopping|Stopped)/);
    await status(page, /^Stopped in epoch \d+:/);
    await page.click('#go-on');
    await status(page, new RegExp(`^Finished: ${epochs} epochs`));
    const [first, last] = [await meanLoss(page, [1, 4]), await meanLoss(page, [epochs - 3, epochs])];
    expect(last / first).toBeLessThan(0.95);

    await page.locator('#confidence').fill(String(LEAST));
    const pictures = await page.locator('#gallery figure').evaluateAll((all) =>
      all.map((figure) => ({
        words: figure.querySelector('canvas')!.ariaLabel ?? '',
        file: figure.querySelector('figcaption')!.textContent!,
      })),
    );
    expect(pictures).toHaveLength(4);
    const found = pictures.find(({ words }) => /^Detected: (?!nothing)/.test(words));
    const image = join(images, found!.file);

    await page.click('#validate');
    await status(page, /4 images validated with the best weights/);
    expect(Number(await page.textContent('#tile-map50'))).toBeGreaterThan(0);

    await page.setInputFiles('#own-file', image);
    await page
      .locator('#own-info')
      .filter({ hasText: /objects? in/ })
      .waitFor();
    const shown = await shownDetections(page);
    expect(shown.length).toBeGreaterThan(0);
    const color = classColor(names.indexOf(shown[0]!.name));
    const drawn = await pixelsOf(page, color);
    await page.locator('#confidence').fill('0.95');
    expect(drawn - (await pixelsOf(page, color))).toBeGreaterThan(100);

    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-best')]);
    await download.saveAs(join(folder, 'best.safetensors'));
    await page.close();
    expectSame(await detectInNode(folder, { image, imgsz, names }), shown);
  });

  test('what cannot be opened is said, and what was open stays', async () => {
    const page = await open();
    const message = page.locator('.message p');
    await page.setInputFiles('#model-file', SHAPES);
    await page.locator('#model-info strong').waitFor();
    const bytes = (text: string) => ({ mimeType: '', buffer: Buffer.from(text) });
    await page.setInputFiles('#model-file', { name: 'broken.pt', ...bytes('no checkpoint') });
    await message.filter({ hasText: /broken\.pt/ }).waitFor();
    expect(await page.textContent('#model-info strong')).toBe('shapes.safetensors');

    await page.setInputFiles('#data-zip', { name: 'broken.zip', ...bytes('no zip') });
    await message.filter({ hasText: /^broken\.zip: can't be read as a zip archive/ }).waitFor();
    const bare = Buffer.from(zipSync({ 'a.jpg': readFileSync(await shapeImage(folder, 'bare')) }));
    await page.setInputFiles('#data-zip', { name: 'bare.zip', mimeType: '', buffer: bare });
    await message.filter({ hasText: /1 images? but no labels/ }).waitFor();
    expect(await page.isDisabled('#train')).toBe(true);
    expect(await page.textContent('#train-hint')).toBe('Open images with labels to train on.');
    await page.close();
  });

  test('without the headers of isolation it says what it falls back to, and why', async () => {
    const page = await open({ isolated: false });
    expect(await page.textContent('#device-name')).toMatch(/1 thread.*why not more/);
    expect(await page.textContent('#device-notes')).toContain('Cross-Origin-Embedder-Policy');
    await page.setInputFiles('#model-file', SHAPES);
    await page.locator('#model-info strong').waitFor();
    await page.fill('#imgsz', '160');
    await page.setInputFiles('#own-file', await shapeImage(folder, 'own'));
    await page
      .locator('#own-info')
      .filter({ hasText: /objects? in/ })
      .waitFor();
    await page.close();
  });
});

/** What `watchLosses` keeps in the page. */
interface ShownLosses {
  readonly shownLosses: readonly (readonly [epoch: number, loss: number])[];
}

interface Seen {
  readonly name: string;
  readonly confidence: number;
  readonly box: readonly number[];
}

/** The table of what was found in the visitor's own image. */
async function shownDetections(page: Page): Promise<Seen[]> {
  const rows = await page
    .locator('#own-table tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
  return rows.map(([name, confidence, ...box]) => ({
    name: name!,
    confidence: Number(confidence),
    box: box.map(Number),
  }));
}

/** Pixels of exactly that color (`#rrggbb`) on the canvas of the visitor's own image. */
function pixelsOf(page: Page, color: string): Promise<number> {
  return page.locator('#own-canvas').evaluate((canvas, hex) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
    const wanted = Number.parseInt(hex.slice(1), 16);
    let count = 0;
    for (let i = 0; i < data.length; i += 4)
      if (((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!) === wanted) count++;
    return count;
  }, color);
}

/** What the command line detects with the saved file. */
async function detectInNode(
  folder: string,
  { image, imgsz, names }: { image: string; imgsz: number; names: readonly string[] },
): Promise<Seen[]> {
  const flags = ['--imgsz', imgsz, '--conf-thres', LEAST, '--save-txt', '--save-conf'];
  const run = await froyolo(folder, ['detect', '--weights', 'best.safetensors', '--source', image, ...flags]);
  expect(run).toMatchObject({ status: 0 });
  const stem = basename(image, extname(image));
  const rows = readFileSync(join(folder, 'runs/detect/exp/labels', `${stem}.txt`), 'utf8')
    .trim()
    .split('\n');
  const { width, height } = await decodeImage(image);
  return rows.map((row) => {
    const [classId, cx, cy, w, h, confidence] = row.split(' ').map(Number) as [number, ...number[]];
    const [left, top] = [(cx! - w! / 2) * width, (cy! - h! / 2) * height];
    const box = [left, top, left + w! * width, top + h! * height];
    return { name: names[classId]!, confidence: confidence!, box };
  });
}

/** Each detection has its like in the other list. Those within a hair of the least confidence may be on one side only. */
function expectSame(actual: readonly Seen[], expected: readonly Seen[]): void {
  const alike = (a: Seen) => (b: Seen) =>
    a.name === b.name &&
    Math.abs(a.confidence - b.confidence) < 0.01 &&
    iou([...a.box] as [number, number, number, number], b.box) > 0.97;
  const sure = (all: readonly Seen[]) => all.filter(({ confidence }) => confidence > LEAST + 0.01);
  expect(sure(actual).length).toBeGreaterThan(0);
  expect(sure(actual).filter((one) => !expected.some(alike(one)))).toEqual([]);
  expect(sure(expected).filter((one) => !actual.some(alike(one)))).toEqual([]);
}

/** An image of shapes that the embedded checkpoint knows. */
async function shapeImage(folder: string, name: string): Promise<string> {
  await generateShapes({ out: join(folder, name), classes: PRETRAIN_CLASSES, train: 0, val: 1 });
  return join(folder, name, 'images/val/val-00000.jpg');
}

interface Material {
  readonly checkpoint: string;
  /** A folder of 20 images, of which the page holds out four. */
  readonly data: string;
  readonly names: readonly string[];
  /** Where those held out are. */
  readonly images: string;
  readonly imgsz: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/** yolov5n and photographs where they are, else the embedded checkpoint and shapes of which most are new to it. */
async function material(folder: string): Promise<Material> {
  const data = join(folder, 'images20');
  if (noGoldens) {
    await generateShapes({ out: join(folder, 'shapes20'), classes: MIXED, train: 16, val: 4 });
    const images = join(folder, 'shapes20/images/val');
    // Updates count: in small batches 64 images are gathered for one.
    const shapes = { checkpoint: SHAPES, data: join(folder, 'shapes20'), names: MIXED };
    return { ...shapes, images, imgsz: 160, batchSize: 16, epochs: 50 };
  }
  const from = sharedPath('data/coco128');
  const files = readdirSync(join(from, 'images/train2017')).sort().slice(0, 20);
  for (const kind of ['images', 'labels']) {
    mkdirSync(join(data, kind), { recursive: true });
    for (const name of files) {
      const file = kind === 'images' ? name : name.replace(/\.\w+$/, '.txt');
      copyFileSync(join(from, kind, 'train2017', file), join(data, kind, file));
    }
  }
  const checkpoint = sharedPath('weights/yolov5n.pt');
  const { names } = await loadDetector(checkpoint);
  writeFileSync(join(data, 'classes.txt'), names.join('\n'));
  return {
    checkpoint,
    data,
    names,
    images: join(data, 'images'),
    imgsz: 160,
    batchSize: 4,
    epochs: 15,
  };
}
