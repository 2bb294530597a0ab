import { decodeImage } from '@froyolo/data/node';
import { createNodeExecutor, loadDetector } from '@froyolo/run/node';
import { goldensTitle, noGoldens, sharedPath } from '@froyolo/testing';
import { createPredictor } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { iou } from './iou.js';

/** What YOLOv5 v7.0 (PyTorch 2.9) finds in bus.jpg with `augment=True` at 640: corners, confidence, class. */
const AUGMENTED = [
  [54.4668, 385.881, 215.0945, 892.8093, 0.8783, 0],
  [680.1596, 394.5287, 810.0, 871.4451, 0.802, 0],
  [215.3543, 404.8318, 341.346, 862.7148, 0.7949, 0],
  [8.2443, 235.9574, 796.9969, 783.1597, 0.7629, 5],
  [0.0, 571.6241, 65.4893, 876.2385, 0.4227, 0],
] as const;

describe.skipIf(noGoldens)(`augmented inference of yolov5n against the reference${goldensTitle}`, () => {
  test('boxes and confidences of bus.jpg', async () => {
    const image = await decodeImage(sharedPath('data/images/bus.jpg'));
    const detector = await loadDetector(sharedPath('weights/yolov5n.pt'));
    const executor = await createNodeExecutor();
    const predictor = createPredictor(detector, { executor, augment: true });
    const { detections } = await predictor.predict(image);
    await predictor.dispose();
    expect(detections.map(({ classId }) => classId)).toEqual(AUGMENTED.map((row) => row[5]));
    for (const [i, [x1, y1, x2, y2, confidence]] of AUGMENTED.entries()) {
      expect(iou(detections[i]?.box ?? [], [x1, y1, x2, y2])).toBeGreaterThan(0.95);
      expect(Math.abs(Number(detections[i]?.confidence) - confidence)).toBeLessThan(0.02);
    }
  });
});
