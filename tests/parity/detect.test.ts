import { decodeImage } from '@froyolo/data/node';
import { createNodeExecutor, loadDetector } from '@froyolo/run/node';
import { goldensTitle, noGoldens, sharedPath } from '@froyolo/testing';
import { createPredictor } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { goldenJson } from './goldens.js';
import { iou } from './iou.js';

/** class, cx, cy, w, h (fractions of the image), confidence; the least confident first. */
type Row = readonly [number, number, number, number, number, number];
interface RunsGolden {
  readonly detect: { readonly by_imgsz: Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>> };
}

describe.skipIf(noGoldens)(`detections of yolov5n against the reference${goldensTitle}`, () => {
  test.each([
    [640, 'bus'],
    [640, 'zidane'],
    [320, 'bus'],
    [320, 'zidane'],
  ])('%i px, %s.jpg', async (imgsz, name) => {
    const rows = goldenJson<RunsGolden>('reference_runs').detect.by_imgsz[imgsz]![name]!.toReversed();
    const image = await decodeImage(sharedPath(`data/images/${name}.jpg`));
    const detector = await loadDetector(sharedPath('weights/yolov5n.pt'));
    const predictor = createPredictor(detector, { executor: await createNodeExecutor(), imgsz });
    const { detections } = await predictor.predict(image);
    await predictor.dispose();
    expect(detections.map(({ classId }) => classId)).toEqual(rows.map(([classId]) => classId));
    for (const [i, [, cx, cy, w, h, confidence]] of rows.entries()) {
      const corners = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
      const expected = corners.map((v, k) => v * (k % 2 === 0 ? image.width : image.height));
      expect(iou(detections[i]!.box, expected)).toBeGreaterThan(0.95);
      expect(Math.abs(detections[i]!.confidence - confidence)).toBeLessThan(0.02);
    }
  });
});
