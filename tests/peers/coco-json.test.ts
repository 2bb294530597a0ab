/** What `val --save-json` writes, in the evaluator that it is for. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadDetector } from '@froyolo/run/node';
import { validate } from 'froyolo';
import { afterAll, describe, expect, test } from 'vitest';

const peers = process.env.FROYOLO_PEERS;
const shared = resolve(import.meta.dirname, '../../../shared');
const weights = join(shared, 'weights/yolov5n.pt');
const images = join(shared, 'data/coco128/images/train2017');
const available = peers !== undefined && existsSync(join(peers, 'venv')) && existsSync(images);

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

const why = 'skipped without FROYOLO_PEERS (scripts/install-peers.mjs) and ../shared';
describe.skipIf(!available)(`COCO JSON of yolov5n on coco128 in pycocotools (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-coco-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('its figures are ours', async () => {
    const { names } = await loadDetector(weights);
    const data = join(folder, 'data.yaml');
    writeFileSync(data, JSON.stringify({ path: images, train: '.', val: '.', names }));
    const settings = { data, weights, imgsz: 320, workers: 0, saveJson: true };
    const { mAP50, mAP50_95 } = await validate({ ...settings, project: folder, name: 'val' });
    const files = ['annotations.json', 'yolov5n_predictions.json'].map((file) => join(folder, 'val', file));
    const python = join(peers ?? '', 'venv/bin/python');
    const [ap = 0, ap50 = 0] = execFileSync(python, ['-c', EVALUATION, ...files], { encoding: 'utf8' })
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
