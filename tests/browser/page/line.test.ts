/** The whole line, as a person goes it: label some, train, let the detector suggest the rest, train again, take it home. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeImage } from '@froyolo/data/node';
import { createNodeExecutor, loadDetector } from '@froyolo/run/node';
import { createPredictor } from '@froyolo/yolo';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { iou } from '../../parity/iou.js';
import { bloodCells, type Line, noPhotos, shapes } from './lines.js';
import { acceptSuggestions } from './suggestions.js';
import { runHtmlFile, runTfjsZip } from './taken-home.js';
import {
  describePage,
  drawBoxes,
  figure,
  goTo,
  keptPictures,
  newProject,
  openWeights,
  SOON,
  type Truth,
  taken,
  trained,
} from './visitor.js';

const BY_HAND = 10;
/** Confidence from which detections are compared. */
const LEAST = 0.25;

describePage('labeling, training and taking home', (site) => {
  test('shapes: ten pictures labeled by mouse, the rest by suggestions; ONNX, TF.js and HTML files find the same', async () => {
    const line = await shapes(site.folder);
    const { page, context, picture, shown } = await walk(line);
    const zip = await taken(page, '#take-tfjs', site.folder);
    const html = await taken(page, '#take-page', site.folder);
    await page.close();
    const scores = await runTfjsZip(context, zip, picture, line.imgsz);
    expectScores(scores, shown);
    const said = await runHtmlFile(context, html, picture, LEAST);
    expect(Math.abs(Number.parseInt(said, 10) - shown.length)).toBeLessThanOrEqual(1);
  });

  test.skipIf(noPhotos)(`forty photos of blood cells go the same way${noPhotos}`, async () => {
    const { page } = await walk(bloodCells());
    await page.close();
  });

  async function walk(line: Line) {
    const { page, context } = await site.visit();
    await newProject(page, line.pictures);
    const forgotten = await label(page, line);
    await goTo(page, 'train');
    await openWeights(page, line.weights);
    await page.fill('#imgsz', String(line.imgsz));
    const first = await train(page, line.epochs[0]);
    await correctMistake(page, forgotten);
    await acceptSuggestions(page, line, BY_HAND);
    await goTo(page, 'train');
    await page.selectOption('#from', 'best');
    const second = await train(page, line.epochs[1]);
    expect(Math.max(first, second)).toBeGreaterThan(0);
    // Charts of a second training have their curves too.
    const chart = page.locator('#run .chart [role=img]').first();
    expect(await chart.getAttribute('aria-label')).toMatch(/\d\.\d{3}/);

    const picture = await squared(page, line, join(site.folder, `square-${line.imgsz}.png`));
    const shown = await detections(page, picture);
    await goTo(page, 'take');
    const onnx = await taken(page, '#take-onnx', site.folder);
    expectSame(await detectInNode(onnx, picture, line.imgsz), shown);
    return { page, context, picture, shown };
  }
});

/** By name of the picture, a box that was forgotten as it was labeled. */
type Forgotten = ReadonlyMap<string, Truth>;

/**
 * Draws the boxes of the first pictures, with a reload in the middle, after which they are all there. In those that are
 * held out the last box is forgotten.
 */
async function label(page: Page, { pictures, truthsOf }: Line): Promise<Forgotten> {
  const forgotten = new Map<string, Truth>();
  const facts = (count: number) =>
    page
      .locator('.list-facts')
      .filter({ hasText: `${count} of ${pictures.length} pictures labeled` })
      .waitFor();
  for (const [i, picture] of pictures.slice(0, BY_HAND).entries()) {
    const cell = page.locator(`.cell button[title="${basename(picture)}"]`);
    await cell.click();
    await page.locator(`#stage[aria-label^="${basename(picture)}"] img.shown`).waitFor();
    const truths = [...truthsOf(picture)];
    const isHeldOut = (await cell.locator('.held').count()) > 0;
    const last = isHeldOut && truths.length > 1 ? truths.pop() : undefined;
    if (last) forgotten.set(basename(picture), last);
    await drawBoxes(page, truths);
    await expect.poll(() => boxCount(page), SOON).toBe(truths.length);
    await facts(i + 1);
    if (i !== BY_HAND / 2) continue;
    const kept = async () => (await keptPictures(page)).filter(({ path }) => path === basename(picture));
    await expect.poll(async () => (await kept())[0]?.boxes.length, SOON).toBe(truths.length);
    await page.reload();
    await facts(i + 1);
  }
  return forgotten;
}

const boxCount = async (page: Page) =>
  Number(/\d+/.exec((await page.textContent('#boxes-title')) ?? '')?.[0]);

/** @returns mAP50 */
async function train(page: Page, epochs: number): Promise<number> {
  await page.selectOption('#length', 'epochs');
  await page.fill('#epochs', String(epochs));
  await page.locator('#imgsz').focus();
  const before = Number(/\d+/.exec((await page.locator('#run-title').allTextContents()).join())?.[0] ?? 0);
  await page.click('#train');
  await page
    .locator('#run-title')
    .filter({ hasText: String(before + 1) })
    .waitFor();
  // Early too, where it is no better for a long time.
  expect(await trained(page, /^(Finished|Failed)/)).toMatch(/^Finished/);
  return figure(page, 'tile-map50');
}

/**
 * Goes from the worst mistakes in held-out pictures to the labels of one, with the curves of a validation beside, draws
 * what was forgotten there, and gives the picture to the next training.
 */
async function correctMistake(page: Page, forgotten: Forgotten): Promise<void> {
  await page.click('#validate');
  await page.locator('#confusion').waitFor();
  const curves = page
    .locator('.chart [role=img]')
    .filter({ has: page.locator('canvas') })
    .last();
  expect(await curves.getAttribute('aria-label')).toMatch(/recall.*: .* \d\.\d{3}/);
  const links = page.locator('#gallery figcaption a');
  await links.first().waitFor();
  const mistakes = await page.locator('#gallery figcaption').allTextContents();
  const counts = mistakes.map((text) => (text.match(/\d+(?= (missed|too many))/g) ?? []).map(Number));
  const sums = counts.map((parts) => parts.reduce((sum, one) => sum + one, 0));
  expect(sums).toEqual([...sums].sort((a, b) => b - a));
  const before = await trainedOn(page);

  const name = (await links.allTextContents()).find((one) => forgotten.has(one)) ?? '';
  const box = forgotten.get(name);
  if (!box) throw new Error('nothing was forgotten in a picture that is held out');
  await links.filter({ hasText: name }).click();
  await page.locator(`#stage[aria-label^="${name}"] img.shown`).waitFor();
  const boxes = await boxCount(page);
  await drawBoxes(page, [box]);
  await expect.poll(() => boxCount(page), SOON).toBe(boxes + 1);
  await page.uncheck('#held-out');
  await goTo(page, 'train');
  await expect
    .poll(() => trainedOn(page), SOON)
    .toEqual({ pictures: before.pictures + 1, boxes: before.boxes + 1 });
}

/** Pictures that the next training learns from, and boxes in all. */
async function trainedOn(page: Page) {
  const [pictures = 0, , boxes = 0] = ((await page.textContent('#data-facts')) ?? '').match(/\d+/g) ?? [];
  return { pictures: Number(pictures), boxes: Number(boxes) };
}

/** Writes the first picture as a square of the network's size, which an ONNX file of that size sees as the page does. */
async function squared(page: Page, { pictures: [picture = ''], imgsz }: Line, file: string): Promise<string> {
  const source = `data:image/*;base64,${readFileSync(picture, 'base64')}`;
  const url = await page.evaluate(
    async ({ source, side }) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [side, side];
      const shorter = Math.min(image.width, image.height);
      canvas.getContext('2d')?.drawImage(image, 0, 0, shorter, shorter, 0, 0, side, side);
      return canvas.toDataURL('image/png');
    },
    { source, side: imgsz },
  );
  writeFileSync(file, Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
  return file;
}

interface Seen {
  readonly name: string;
  readonly confidence: number;
  readonly box: readonly number[];
}

/** The table of what is found in the visitor's own picture. */
async function detections(page: Page, picture: string): Promise<Seen[]> {
  await goTo(page, 'try');
  await page.setInputFiles('#own-file', picture);
  await page.locator('#try-confidence').fill(String(LEAST));
  await page
    .locator('#own-info')
    .filter({ hasText: /objects? in/ })
    .waitFor();
  const rows = await page
    .locator('#own-table tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
  return rows.map(([name = '', confidence, ...box]) => ({
    name,
    confidence: Number(confidence),
    box: box.map(Number),
  }));
}

async function detectInNode(file: string, picture: string, imgsz: number): Promise<readonly Seen[]> {
  const executor = await createNodeExecutor({ device: 'cpu' });
  const predictor = createPredictor(await loadDetector(file), {
    executor,
    imgsz,
    confThres: LEAST,
  });
  try {
    return (await predictor.predict(await decodeImage(picture))).detections;
  } finally {
    await predictor.dispose();
    await executor.dispose();
  }
}

/** The most confident detections of TensorFlow.js, which reports less confident ones too, are those of the page. */
function expectScores(scores: readonly number[], shown: readonly Seen[]): void {
  const sure = scores.filter((score) => score > LEAST + 0.02);
  const expected = shown.map(({ confidence }) => confidence).sort((a, b) => b - a);
  expect(sure.length).toBeGreaterThan(0);
  for (const score of sure) expect(expected.some((one) => Math.abs(one - score) < 0.02)).toBe(true);
}

/** Each detection has its like in the other list, but for those within a hair of the least confidence. */
function expectSame(actual: readonly Seen[], expected: readonly Seen[]): void {
  const alike = (a: Seen) => (b: Seen) =>
    a.name === b.name &&
    Math.abs(a.confidence - b.confidence) < 0.02 &&
    iou([...a.box] as [number, number, number, number], b.box) > 0.9;
  const sure = (all: readonly Seen[]) => all.filter(({ confidence }) => confidence > LEAST + 0.02);
  expect(sure(expected).length).toBeGreaterThan(0);
  expect(sure(actual).filter((one) => !expected.some(alike(one)))).toEqual([]);
  expect(sure(expected).filter((one) => !actual.some(alike(one)))).toEqual([]);
}
