/** What the page keeps: trainings over reloads, projects from each other's tabs. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resumeOnFiles } from '@froyolo/run/node';
import { type Checkpoint, readCheckpoint, type TensorData, toFloat32 } from '@froyolo/weights';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describePage, goTo, labeledProject, taken, trained } from './visitor.js';

const EPOCHS = 4;

describePage('what the page keeps', (site) => {
  const project = (page: Page) => labeledProject(page, site.folder, EPOCHS);

  const whenDone = (page: Page) => trained(page, /^Finished/);

  test('a training that was stopped and reloaded ends as one that was not, and goes on in Node', async () => {
    const straight = await site.visit();
    await project(straight.page);
    await straight.page.click('#train');
    await whenDone(straight.page);
    await goTo(straight.page, 'take');
    const whole = checkpointIn(await taken(straight.page, '#take-last', site.folder));

    const { page } = await site.visit();
    await project(page);
    await page.click('#train');
    await page
      .locator('#status')
      .filter({ hasText: /^Epoch 2 / })
      .waitFor();
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
    await whenDone(page);
    await goTo(page, 'take');
    const resumed = checkpointIn(await taken(page, '#take-last', site.folder));
    expect(largestDifference(resumed.tensors, whole.tensors)).toBe(0);
    await Promise.all([page.close(), straight.page.close()]);
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
