/** Whether everybody can use the page, on every screen, and whether it keeps to itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { violations } from './axe.js';
import { describePage, goTo, labeledProject, SOON, trained } from './visitor.js';

const STEPS = ['label', 'train', 'try', 'take'] as const;
/** Compressed JavaScript that is loaded before anything is computed. */
const FIRST_LOAD = 150_000;

/** Opens what is folded: comparisons, and pictures as training sees them. */
async function openAll(page: Page): Promise<void> {
  for (const id of ['compare', 'augment']) await page.locator(`#${id} > summary`).click();
  await page.locator('#augmented img').nth(3).waitFor();
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describePage('access', (site) => {
  test.each(['light', 'dark'] as const)(
    'no rule of axe is broken on any screen (%s), nor is a phone too narrow',
    async (colorScheme) => {
      const { page } = await site.visit({ colorScheme, width: 390 });
      expect(await violations(page)).toEqual([]);
      await labeledProject(page, site.folder, 1);
      await page.locator('#plan').waitFor();
      await page.click('#train');
      await trained(page);
      for (const step of STEPS) {
        await goTo(page, step);
        await page.locator(step === 'label' ? '#stage img.shown' : 'main h1').waitFor();
        if (step === 'train') await openAll(page);
        expect(await violations(page), step).toEqual([]);
        expect(await overflow(page), step).toBe(0);
      }
      await goTo(page, 'label');
      await page.locator('#stage').focus();
      await page.keyboard.press('?');
      await page.locator('dialog').waitFor();
      expect(await violations(page), 'shortcuts').toEqual([]);
      await page.close();
    },
  );

  test('boxes are made, moved, named and removed by keyboard alone', async () => {
    const { page } = await site.visit();
    await labeledProject(page, site.folder, 1);
    await goTo(page, 'label');
    await page.locator('#stage img.shown').waitFor();
    await page.locator('#stage').focus();
    const boxes = page.locator('.box-list li');
    const last = boxes.last();
    const before = await boxes.count();
    const left = async () => {
      const label = await last.locator('button').first().getAttribute('aria-label');
      return Number(/at (\d+)/.exec(label ?? '')?.[1]);
    };
    await page.keyboard.press('n');
    await expect.poll(() => boxes.count(), SOON).toBe(before + 1);
    const x = await left();
    await page.keyboard.press('2');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(left, SOON).toBe(x + 10);
    expect(await last.locator('select').inputValue()).toBe('1');
    await page.keyboard.press('Delete');
    await expect.poll(() => boxes.count(), SOON).toBe(before);
    await page.close();
  });

  test('little is loaded before anything is computed, and nothing from elsewhere', async () => {
    const { page, url } = await site.visit();
    const scripts: number[] = [];
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url)) foreign.push(request.url());
    });
    page.on('response', async (response) => {
      if (/javascript/.test(response.headers()['content-type'] ?? ''))
        scripts.push(gzipSync(await response.body()).length);
    });
    await page.addInitScript(() => {
      const blocked: string[] = [];
      Object.assign(globalThis, { blocked });
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
        blocked.push(`${violatedDirective}: ${blockedURI} in ${sourceFile}`),
      );
    });
    await page.reload();
    await page.click('#new-project');
    await page.locator('.big-drop').waitFor();
    expect(scripts.reduce((a, b) => a + b, 0)).toBeLessThan(FIRST_LOAD);
    await page.click('.brand');
    await labeledProject(page, site.folder, 1);
    await page.locator('#plan').waitFor();
    await page.click('#train');
    await trained(page);
    expect(foreign).toEqual([]);
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).toContain("connect-src 'self'");
    expect(await page.evaluate(() => (globalThis as unknown as { blocked: string[] }).blocked)).toEqual([]);
    await page.close();
  });

  // WebKit would run it a second time.
  test('nothing imports a file that a worker is started with', () => {
    const assets = join(site.built(), 'assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    const sources = scripts.map((name) => readFileSync(join(assets, name), 'utf8'));
    const named = (before: RegExp) =>
      sources.flatMap((source) => [...source.matchAll(before)].map(([, path = '']) => basename(path)));
    const started = named(/new Worker\(\s*new URL\([^"'`]*["'`]([^"'`]+\.js)/g);
    const imported = named(/\b(?:from|import)\s*\(?\s*["'`]([^"'`]+\.js)["'`]/g);
    expect(started.map((name) => name.split('-')[0]).sort()).toEqual(['importer', 'loader', 'trainer']);
    expect(imported.length).toBeGreaterThan(10);
    expect(started.filter((name) => imported.includes(name))).toEqual([]);
  });

  test('it speaks Chinese, of errors too', async () => {
    const { page } = await site.visit();
    await page.selectOption('select.language', 'zh');
    await page.locator('#new-project').filter({ hasText: '新建项目' }).waitFor();
    await page.reload();
    await page.locator('#new-project').filter({ hasText: '新建项目' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
    const message = page.locator('.message.error p');
    const bytes = (name: string) => ({ name, mimeType: '', buffer: Buffer.from('nothing') });
    await page.setInputFiles('#import-project', bytes('broken.zip'));
    await message.filter({ hasText: /^无法作为 zip 读取/ }).waitFor();
    await page.click('#new-project');
    await page.locator('.big-drop').waitFor();
    await goTo(page, 'train');
    await page.setInputFiles('#weights-file', bytes('broken.pt'));
    await message.filter({ hasText: /^无法读取权重文件.*broken\.pt/ }).waitFor();
    await page.close();
  });
});
