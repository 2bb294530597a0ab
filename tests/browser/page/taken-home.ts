/** Runs files that were taken home the way their reader would: without the page that they are from. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { serveFolder } from '@froyolo/chromium';
import { unzipSync } from 'fflate';
import type { BrowserContext } from 'playwright-core';

/**
 * Opens the HTML file offline, shows it a picture and then the camera.
 * @returns what it says of the picture
 */
export async function runHtmlFile(
  context: BrowserContext,
  file: string,
  picture: string,
  least: number,
): Promise<string> {
  const page = await context.newPage();
  await context.setOffline(true);
  await page.goto(`file://${file}`);
  const status = (text: RegExp) => page.locator('#status').filter({ hasText: text });
  await status(/^Ready$/).waitFor({ timeout: 120_000 });
  await page.locator('#confidence').fill(String(least));
  await page.setInputFiles('#file', picture);
  await status(/found in/).waitFor({ timeout: 120_000 });
  const said = (await page.locator('#status').textContent()) ?? '';
  const size = () => page.locator('#canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width);
  const before = await size();
  await page.click('#camera');
  // The camera's picture has another size.
  await page.waitForFunction((width) => {
    const canvas = document.querySelector('canvas');
    return canvas !== null && canvas.width !== width;
  }, before);
  await status(/found in/).waitFor();
  await page.close();
  await context.setOffline(false);
  return said;
}

/** What the code of the export's snippet finds in its page's global scope. */
declare const tf: {
  loadGraphModel(url: string): Promise<{
    executeAsync(x: unknown): Promise<readonly { array(): Promise<number[][]> }[]>;
  }>;
  browser: { fromPixels(image: unknown): unknown };
  image: {
    resizeBilinear(
      image: unknown,
      size: readonly [number, number],
    ): { div(by: number): { expandDims(): unknown } };
  };
};

/**
 * Unzips the TensorFlow.js export beside a page and runs its snippet there.
 * @returns scores of what is found in the picture
 */
export async function runTfjsZip(
  context: BrowserContext,
  zip: string,
  picture: string,
  imgsz: number,
): Promise<number[]> {
  const folder = join(dirname(zip), `${basename(zip, '.zip')}-site`);
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const library = createRequire(import.meta.url).resolve('@tensorflow/tfjs/package.json');
  cpSync(join(dirname(library), 'dist/tf.min.js'), join(folder, 'tf.min.js'));
  cpSync(picture, join(folder, 'picture'));
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><script src="tf.min.js"></script><img src="picture">',
  );
  const served = await serveFolder(folder);
  const page = await context.newPage();
  try {
    await page.goto(served.url);
    return await page.evaluate(async (side) => {
      const model = await tf.loadGraphModel('best_web_model/model.json');
      const image = tf.browser.fromPixels(document.querySelector('img'));
      const x = tf.image.resizeBilinear(image, [side, side]).div(255).expandDims();
      const [, scores, , counts] = await model.executeAsync(x);
      const [count = 0] = ((await counts?.array()) ?? []).flat();
      return ((await scores?.array())?.flat() ?? []).slice(0, count);
    }, imgsz);
  } finally {
    await page.close();
    await served.close();
  }
}
