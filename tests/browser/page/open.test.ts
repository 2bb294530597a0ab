/** What can be opened, and what is said of what can't. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PRETRAIN_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { describePage, goTo, newProject, openWeights, SHAPES, taken } from './visitor.js';

describePage('opening', (site) => {
  /** Pictures of shapes, in a folder of their own. */
  const shapes = async (name: string, count: number) => {
    const out = join(site.folder, name);
    await generateShapes({ out, classes: PRETRAIN_CLASSES, train: count, val: 2 });
    const pictures = readdirSync(join(out, 'images/train'));
    return { out, pictures: pictures.map((file) => join(out, 'images/train', file)) };
  };

  test('YOLO, VOC and COCO: what one export writes is read again with the same boxes', async () => {
    const { out } = await shapes('all', 8);
    const { page } = await site.visit();
    await page.click('#new-project');
    await page.setInputFiles('#add-folder', out);
    await page
      .locator('.message.done')
      .filter({ hasText: /10 pictures added, 10 of them labeled/ })
      .waitFor();
    await page.click('.brand');
    const facts = await page.textContent('.project .hint');
    await page.click('.project h2 a');
    for (const format of ['yolo', 'voc', 'coco']) {
      await goTo(page, 'take');
      const zip = await taken(page, `#take-${format}`, site.folder);
      const other = await site.visit();
      await newProject(other.page, [zip]);
      await other.page.click('.brand');
      const again = await other.page.textContent('.project .hint');
      expect(again?.split(' · ')[0], format).toBe(facts?.split(' · ')[0]);
      await other.page.close();
    }
    await page.close();
  });

  test('label files that are opened after the pictures belong to those of the same name', async () => {
    const { out, pictures } = await shapes('later', 3);
    const { page } = await site.visit();
    await newProject(page, pictures);
    const folder = join(out, 'labels/train');
    const labels = readdirSync(folder).map((name) => join(folder, name));
    const stray = { name: 'stray.txt', mimeType: '', buffer: Buffer.from('0 0.5 0.5 0.1 0.1') };
    const files = [...labels, join(out, 'data.yaml')].map((path) => ({
      name: basename(path),
      mimeType: '',
      buffer: readFileSync(path),
    }));
    await page.locator('details.add summary').click();
    await page.setInputFiles('#add-files', [...files, stray]);
    await page
      .locator('.message.done')
      .filter({ hasText: /3 pictures of the project labeled from the files/ })
      .waitFor();
    const warning = page.locator('.message.warning');
    await warning.locator('summary').click();
    expect(await warning.locator('li').allTextContents()).toEqual([
      'stray.txt: no picture is called so (not used)',
    ]);
    const first = readFileSync(labels[0] ?? '', 'utf8')
      .trim()
      .split('\n');
    await page.locator('.cell button').first().click();
    await page
      .locator('#boxes-title')
      .filter({ hasText: String(first.length) })
      .waitFor();
    await page.locator('.list-facts').filter({ hasText: '3 of 3' }).waitFor();
    await page.keyboard.press('Control+z');
    await page.locator('.list-facts').filter({ hasText: '0 of 3' }).waitFor();
    await page.setInputFiles('#add-files', cocoFile(pictures));
    await page
      .locator('.message.done')
      .filter({ hasText: /3 pictures of the project labeled from the files, with 3 boxes/ })
      .waitFor();
    await page.close();
  });

  /** COCO annotations: one box in each picture. */
  const cocoFile = (pictures: readonly string[]) => {
    const images = pictures.map((file, id) => ({ id, file_name: basename(file), width: 160, height: 160 }));
    const annotations = images.map(({ id }) => ({
      id,
      image_id: id,
      category_id: 7,
      bbox: [20, 30, 40, 50],
      area: 2000,
      iscrowd: 0,
    }));
    const categories = [{ id: 7, name: 'thing' }];
    const buffer = Buffer.from(JSON.stringify({ images, annotations, categories }));
    return { name: 'instances.json', mimeType: '', buffer };
  };

  test('what cannot be opened is said, with each file, and the rest is there', async () => {
    const { pictures } = await shapes('good', 1);
    const [good = ''] = pictures;
    mkdirSync(join(site.folder, 'mixed'));
    cpSync(good, join(site.folder, 'mixed/good.jpg'));
    writeFileSync(join(site.folder, 'mixed/torn.jpg'), readFileSync(good).subarray(0, 300));
    const { page } = await site.visit();
    await newProject(
      page,
      ['good.jpg', 'torn.jpg'].map((name) => join(site.folder, 'mixed', name)),
    );
    await page
      .locator('.message.done')
      .filter({ hasText: /^1 picture added/ })
      .waitFor();
    const warning = page.locator('.message.warning');
    await warning.filter({ hasText: /1 file can't be used/ }).waitFor();
    await warning.locator('summary').click();
    expect(await warning.locator('li').allTextContents()).toEqual([
      expect.stringMatching(/^torn\.jpg: .*skipped/),
    ]);

    const bytes = (name: string, text: string) => ({ name, mimeType: '', buffer: Buffer.from(text) });
    const message = page.locator('.message.error p');
    await page.setInputFiles('#suggest-weights', bytes('broken.pt', 'no checkpoint'));
    await message.filter({ hasText: /broken\.pt/ }).waitFor();
    await page.locator('details.add summary').click();
    await page.setInputFiles('#add-files', bytes('broken.zip', 'no zip'));
    await message.filter({ hasText: /^broken\.zip: can't be read as a zip archive/ }).waitFor();
    // What is tried next makes the old message go.
    expect(await page.locator('.message.error').count()).toBe(1);
    const bare = Buffer.from(zipSync({ 'a.jpg': readFileSync(good) }));
    await page.setInputFiles('#add-files', { name: 'bare.zip', mimeType: '', buffer: bare });
    await page
      .locator('.message.done p')
      .filter({ hasText: /^1 picture added\.$/ })
      .waitFor();
    expect(await page.locator('.message.error').count()).toBe(0);
    await page.close();
  });

  test('pictures come from the camera, and a detector looks through it', async () => {
    const { page } = await site.visit();
    await page.click('#new-project');
    await page.click('button:has-text("Use the camera")');
    await page.locator('#take-picture:not(:disabled)').click();
    await page.locator('#keep-pictures:not(:disabled)').click();
    await page
      .locator('.message.done')
      .filter({ hasText: /^1 picture added/ })
      .waitFor();
    await goTo(page, 'train');
    await openWeights(page, SHAPES);
    await goTo(page, 'try');
    await page.click('#try-camera');
    await page
      .locator('#live-info')
      .filter({ hasText: /objects? · \d+\.\d pictures per second/ })
      .waitFor();
    await page.close();
  });

  test('without the headers of isolation it says what it falls back to, and why', async () => {
    const { page } = await site.visit({ isolated: false });
    await page.click('#demo');
    const chip = page.locator('.device[data-state=limited]');
    await chip.filter({ hasText: /1 thread.*why not more/ }).waitFor();
    expect(await chip.textContent()).toContain('Cross-Origin-Embedder-Policy');
    await page.close();
  });

  test('TensorFlow.js on WebAssembly detects in the built page', async () => {
    const { pictures } = await shapes('tfjs', 1);
    const { page } = await site.visit();
    await page.click('#demo');
    await page.locator('.device[data-state=ready]').waitFor();
    await page.locator('.settings summary').click();
    await page.selectOption('#device-choice', 'tfjs-wasm');
    await page
      .locator('.device[data-state=ready]')
      .filter({ hasText: /TensorFlow\.js/ })
      .waitFor();
    await goTo(page, 'try');
    await page.setInputFiles('#own-file', pictures);
    await page
      .locator('#own-info')
      .filter({ hasText: /objects? in/ })
      .waitFor();
    await page.close();
  });
});
