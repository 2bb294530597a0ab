/** What `val --save-json` writes, in the evaluator that it is for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDetector } from '@froyolo/run/node';
import { validate } from 'froyolo';
import { afterAll, describe, expect, test } from 'vitest';
import { hasPyTorch, IMAGES, python, WEIGHTS, why } from './peers.js';

/** Prints AP50-95 and AP50. */
const EVALUATION = `
import contextlib, io, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(sys.argv[1])
    found = COCOeval(truth, truth.loadRes(sys.argv[2]), "bbox")
    found.evaluate(); found.accumulate(); found.summarize()
print(found.stats[0], found.stats[1])
`;

describe.skipIf(!hasPyTorch)(`COCO JSON of yolov5n on coco128 in pycocotools (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-coco-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('its figures are ours', async () => {
    const { names } = await loadDetector(WEIGHTS);
    const data = join(folder, 'data.yaml');
    writeFileSync(data, JSON.stringify({ path: IMAGES, train: '.', val: '.', names }));
    const settings = { data, weights: WEIGHTS, imgsz: 320, workers: 0, saveJson: true };
    const { mAP50, mAP50_95 } = await validate({ ...settings, project: folder, name: 'val' });
    const files = ['annotations.json', 'yolov5n_predictions.json'].map((file) => join(folder, 'val', file));
    const [ap = 0, ap50 = 0] = python(['-c', EVALUATION, ...files])
      .trim()
      .split(' ')
      .map(Number);
    console.log(
      `ours ${mAP50_95.toFixed(4)} ${mAP50.toFixed(4)}, pycocotools ${ap.toFixed(4)} ${ap50.toFixed(4)}`,
    );
    expect(Math.abs(ap - mAP50_95)).toBeLessThan(0.01);
    expect(Math.abs(ap50 - mAP50)).toBeLessThan(0.02);
  });
});
