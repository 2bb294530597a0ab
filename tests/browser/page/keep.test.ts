/** What the page keeps: itself for visits offline, trainings over reloads, projects from each other's tabs. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resumeOnFiles } from '@froyolo/run/node';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { type Checkpoint, readCheckpoint, type TensorData, toFloat32 } from '@froyolo/weights';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describePage, drag, goTo, keptPictures, labeledProject, SOON, taken, trained } from './visitor.js';

const EPOCHS = 5;

describePage('what the page keeps', (site) => {
  const project = (page: Page) => labeledProject(page, site.folder, EPOCHS);

  const whenDone = (page: Page) => trained(page, /^Finished/);

  test('a training that was stopped, reloaded and crashed ends as one that was not, and goes on in Node', async () => {
    const straight = await site.visit();
    await project(straight.page);
    await straight.page.click('#train');
    await whenDone(straight.page);
    await goTo(straight.page, 'take');
    const whole = checkpointIn(await taken(straight.page, '#take-last', site.folder));

    const { page, context } = await site.visit();
    await project(page);
    await page.click('#train');
    await epochBegins(page, 2);
    await page.click('#stop');
    await trained(page, /^Stopped/);
    await page.reload();
    await page.locator('#go-on').waitFor();
    const stopped = await page.textContent('#status');
    expect(stopped).toMatch(/^Stopped after [123] epochs?/);

    await goTo(page, 'take');
    const stoppedFile = await taken(page, '#take-last', site.folder);
    const zip = await taken(page, '#take-yolo', site.folder);
    const inNode = await goOnInNode(site.folder, stoppedFile, zip);
    expect(inNode).toMatchObject({ status: 'finished' });

    await goTo(page, 'train');
    await page.click('#go-on');
    await epochBegins(page, 3);
    // As in a crash, nothing is asked and nothing saved.
    await page.close({ runBeforeUnload: false });
    const after = await context.newPage();
    await after.goto(page.url());
    await after.click('#go-on');
    await whenDone(after);
    await goTo(after, 'take');
    const resumed = checkpointIn(await taken(after, '#take-last', site.folder));
    expect(largestDifference(resumed.tensors, whole.tensors)).toBe(0);
    await Promise.all([after.close(), straight.page.close()]);
  });

  test('two depths are compared, the better one stays, and their features are there after a reload', async () => {
    const { page } = await site.visit();
    await labeledProject(page, site.folder, 2);
    await page.click('#freeze-24');
    await page.check('#cache-features');
    await page.locator('#compare summary').click();
    await page.selectOption('#compare-0', { index: 2 });
    await page.click('#compare-start');
    const rows = page.locator('#compared-table tbody tr');
    await rows.nth(1).waitFor();
    await whenDone(page);
    await page.locator('#train').waitFor();
    const accuracies = await rows.locator('td:nth-child(4)').allTextContents();
    await page.reload();
    await rows.nth(1).waitFor();
    expect(await rows.locator('td:nth-child(4)').allTextContents()).toEqual(accuracies);
    expect(await page.textContent('#tile-map')).toBe(String(accuracies.sort().at(-1)));

    await page.locator('#train:not(:disabled)').waitFor();
    await page.click('#train');
    await page.locator('#stop').waitFor();
    await whenDone(page);
    await page.locator('#notes summary').click();
    await page
      .locator('#notes li')
      .filter({ hasText: /^(\d+) of \d+ features are there from before$/ })
      .waitFor();
    await page.close();
  });

  test('labels are there after a reload, can be undone, and leave and come back as a project', async () => {
    const { page } = await site.visit();
    await project(page);
    await goTo(page, 'label');
    const count = async () => Number(/\d+/.exec((await page.textContent('#boxes-title')) ?? '')?.[0]);
    await page.locator('#stage img.shown').waitFor();
    const before = await count();
    await page.keyboard.press('Escape');
    await drag(page, [2, 2, 40, 30]);
    await expect.poll(count, SOON).toBe(before + 1);
    const kept = async () => (await keptPictures(page))[0]?.boxes.length;
    await expect.poll(kept, SOON).toBe(before + 1);
    const facts = await page.locator('nav.steps .fact').first().textContent();
    await page.reload();
    await page.locator('#stage img.shown').waitFor();
    await page.locator('.cell button').first().click();
    await expect.poll(count, SOON).toBe(before + 1);
    expect(await page.locator('nav.steps .fact').first().textContent()).toBe(facts);
    await page.keyboard.press('n');
    await expect.poll(count, SOON).toBe(before + 2);
    await page.keyboard.press('Control+z');
    await expect.poll(count, SOON).toBe(before + 1);

    await page.click('.brand');
    const zip = await taken(page, '.project button:has-text("Export")', site.folder);
    await page.click('.project button:has-text("Duplicate")');
    await page.locator('.project').nth(1).waitFor();
    const elsewhere = await site.visit();
    await elsewhere.page.setInputFiles('#import-project', zip);
    await elsewhere.page.locator('.project').waitFor();
    expect(await elsewhere.page.textContent('.project .hint')).toBe(
      await page.locator('.project .hint').first().textContent(),
    );
    await page.locator('.project .danger').first().click();
    await page.locator('dialog .danger').click();
    await page.waitForFunction(() => document.querySelectorAll('.project').length === 1);
    await Promise.all([page.close(), elsewhere.page.close()]);
  });

  test('after a first visit it works without a network: opens pictures, labels, trains, takes home', async () => {
    const { page, disconnect } = await site.visit();
    await expect.poll(() => isKept(page), SOON).toBe(true);
    await disconnect();
    await page.reload();
    await labeledProject(page, site.folder, 1);
    await goTo(page, 'label');
    await page.keyboard.press('Escape');
    await drag(page, [2, 2, 40, 30]);
    await goTo(page, 'train');
    await page.click('#train');
    await whenDone(page);
    await goTo(page, 'take');
    const names = checkpointIn(await taken(page, '#take-checkpoint', site.folder)).names;
    expect(names).toEqual(DEMO_CLASSES);
    await page.close();
  });

  test('a project is open in one tab at a time, and says so in the other', async () => {
    const { page, context } = await site.visit();
    await project(page);
    const other = await context.newPage();
    await other.goto(page.url());
    await other
      .locator('.message.error')
      .filter({ hasText: /open in another tab/ })
      .waitFor();
    await Promise.all([page.close(), other.close()]);
  });
});

/** Waits until that epoch, or one after it, is under way. */
async function epochBegins(page: Page, epoch: number): Promise<void> {
  const reached = Array.from({ length: EPOCHS - epoch + 1 }, (_, i) => epoch + i).join('|');
  await page
    .locator('#status')
    .filter({ hasText: new RegExp(`^Epoch (${reached}) `) })
    .waitFor();
}

/** Whether the browser has all that a visit without a network needs. */
const isKept = (page: Page) =>
  page.evaluate(async () => {
    const [name] = await caches.keys();
    const files = name === undefined ? [] : await (await caches.open(name)).keys();
    return navigator.serviceWorker.controller !== null && files.some(({ url }) => url.endsWith('.wasm'));
  });

const checkpointIn = (file: string): Checkpoint => readCheckpoint(new Uint8Array(readFileSync(file)));

function largestDifference(a: ReadonlyMap<string, TensorData>, b: ReadonlyMap<string, TensorData>): number {
  let largest = 0;
  for (const [name, tensor] of a) {
    const other = b.get(name);
    if (!other) throw new Error(`there is no ${name}`);
    const [data, others] = [toFloat32(tensor), toFloat32(other)];
    for (let i = 0; i < data.length; i++)
      largest = Math.max(largest, Math.abs((data[i] ?? 0) - (others[i] ?? Number.NaN)));
  }
  return largest;
}

/** What a person does with the two files: unzips one, and resumes the other on it. */
async function goOnInNode(folder: string, last: string, zip: string) {
  const data = join(folder, 'dataset');
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), bytes);
  }
  return resumeOnFiles(last, { data: join(data, 'data.yaml'), project: join(folder, 'runs'), device: 'cpu' });
}
