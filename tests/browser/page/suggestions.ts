/** What a person does with boxes that a detector suggests. */
import { basename } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { iou } from '../../parity/iou.js';
import { violations } from './axe.js';
import type { Line } from './lines.js';
import { goTo, keptPictures, SOON } from './visitor.js';

/** Confidence from which they are accepted together. */
const LEAST = 0.3;

/**
 * Accepts suggestions for the pictures that aren't labeled: some one by one, then all.
 * @param byHand how many pictures are labeled
 */
export async function acceptSuggestions(page: Page, line: Line, byHand: number): Promise<void> {
  await goTo(page, 'label');
  await page.click('#suggest');
  await page.locator('#accept-all').waitFor();
  // The button is back once every picture was looked at.
  await page.locator('#suggest').waitFor();
  await page.locator('#least').fill(String(LEAST));
  await acceptOneByOne(page);
  await page.click('#accept-all');
  const labeled = async () => Number((await page.textContent('.list-facts'))?.split(' ')[0]);
  await expect.poll(labeled, SOON).toBeGreaterThan(byHand);
  await expect.poll(() => foundShare(page, line, byHand), SOON).toBeGreaterThan(line.share);
}

/** A click into a suggestion accepts it, and so does a key, even where it is faint. Both are undone. */
async function acceptOneByOne(page: Page): Promise<void> {
  const count = async () => Number(/\d+/.exec((await page.textContent('#boxes-title')) ?? '')?.[0]);
  const undone = async () => {
    await page.keyboard.press('Control+z');
    await expect.poll(count, SOON).toBe(0);
  };
  await page.selectOption('#filter', 'suggested');
  await page.locator('#stage').focus();
  await page.keyboard.press('d');
  const suggestion = page.locator('.suggestion:not(.faint)').first();
  await suggestion.waitFor();
  const { x = 0, y = 0, width = 0, height = 0 } = (await suggestion.boundingBox()) ?? {};
  await page.mouse.click(x + width / 2, y + height / 2);
  await expect.poll(count, SOON).toBe(1);
  await undone();
  await page.selectOption('#filter', 'all');
  await page.locator('#least').fill('0.95');
  await page.locator('.suggestion.faint').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await page.locator('#stage').focus();
  await page.keyboard.press('w');
  await page.locator('.suggestion.pointed').waitFor();
  await page.keyboard.press('s');
  await expect.poll(count, SOON).toBe(1);
  await undone();
  await page.locator('#least').fill(String(LEAST));
}

/** Part of the boxes of the pictures that weren't labeled by hand which are among those that the page keeps. */
async function foundShare(page: Page, { pictures, truthsOf }: Line, byHand: number): Promise<number> {
  const kept = new Map((await keptPictures(page)).map(({ path, boxes }) => [path, boxes]));
  let [found, total] = [0, 0];
  for (const picture of pictures.slice(byHand)) {
    const boxes = kept.get(basename(picture)) ?? [];
    for (const { box } of truthsOf(picture)) {
      total++;
      if (boxes.some((one) => iou([...box] as [number, number, number, number], one.box) > 0.5)) found++;
    }
  }
  return found / total;
}
