/** The page in Firefox, which Playwright drives only in builds of its own. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type BuiltPage, buildPage, type Served, serveFolder } from '@froyolo/chromium';
import puppeteer, { type Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const firefox = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['firefox', 'firefox-esr'].map((name) => join(folder, name)))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const LIMIT = 400_000;

describe.skipIf(!firefox)(`in Firefox${firefox ? '' : ' (skipped: no firefox on the path)'}`, () => {
  const opened: { built?: BuiltPage; served?: Served; browser?: Browser } = {};

  beforeAll(async () => {
    opened.built = await buildPage();
    opened.served = await serveFolder(opened.built.folder);
    opened.browser = await puppeteer.launch({
      browser: 'firefox',
      ...(firefox ? { executablePath: firefox } : {}),
      headless: true,
      protocolTimeout: LIMIT,
    });
  }, LIMIT);
  afterAll(async () => {
    await opened.browser?.close();
    await opened.served?.close();
    await opened.built?.remove();
  });

  test(
    'the demo is opened, trains with threads, and stops when told so',
    async () => {
      const { browser, served } = opened;
      if (!browser || !served) throw new Error('Firefox did not start');
      const page = await browser.newPage();
      page.setDefaultTimeout(LIMIT);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(served.url);
      await page.locator('::-p-text(Try the shapes demo)').click();
      await page.locator('#train:not([disabled])').click();
      const status = async () => page.$eval('#status', (element) => element.textContent ?? '');
      await page.waitForFunction(() =>
        document.querySelector('#status')?.textContent?.startsWith('Epoch 2 '),
      );
      expect(Number(await page.$eval('#tile-map50', (element) => element.textContent))).toBeGreaterThan(0);
      await page.locator('::-p-text(Stop)').click();
      await page.waitForFunction(() => document.querySelector('#status')?.textContent?.startsWith('Stopped'));
      expect(await status()).toMatch(/^Stopped/);
      expect(await page.$eval('header', (element) => element.textContent)).toMatch(
        /WebAssembly.*\d+ threads/,
      );
      expect(errors).toEqual([]);
    },
    LIMIT,
  );
});
