/** Figures of YOLOv5's `val.py` on our exports are ours. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { exportModel } from '@froyolo/export';
import { loadDetector, validateOnFiles } from '@froyolo/run/node';
import { loadCheckpoint } from '@froyolo/weights';
import { detectorFromCheckpoint } from '@froyolo/yolo';
import ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { hasPyTorch, IMAGES, python, someOfCoco128, WEIGHTS, why } from './peers.js';

const TOLERANCE = 0.001;
/** A fine-tuned checkpoint and its dataset may take the place of yolov5n on some images of coco128. */
const {
  FROYOLO_PEERS_WEIGHTS: weights = WEIGHTS,
  FROYOLO_PEERS_DATA,
  FROYOLO_PEERS_IMGSZ = '640',
} = process.env;
const imgsz = Number(FROYOLO_PEERS_IMGSZ);

/** mAP50 and mAP50-95 in the line of all classes that `val.py` prints, by a small program around it. */
const PROGRAM = `
import json, sys
import val
weights, data, imgsz, batch = sys.argv[1:]
(_, _, map50, map95, *_), _, _ = val.run(data, weights, int(batch), int(imgsz), device='cpu', workers=0, plots=False, half=False)
print(json.dumps([map50, map95]))
`;

describe.skipIf(!hasPyTorch)(`mAP in YOLOv5 v7.0 (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-map-'));
  const at = (name: string) => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const reference = (file: string, data: string): number[] => {
    const output = python(['-c', PROGRAM, file, data, String(imgsz), '1']);
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as number[];
  };

  test.each(['pt', 'onnx'])(
    'of the export %s is ours',
    async (format) => {
      const checkpoint = loadCheckpoint(readFileSync(weights));
      const data =
        FROYOLO_PEERS_DATA ??
        someOfCoco128(at('data'), Math.min(32, readdirSync(IMAGES).length), checkpoint.names ?? []);
      const [file] = await exportModel(checkpoint, { include: [format], name: 'ours', imgsz });
      if (!file) throw new Error('no file');
      writeFileSync(at(file.path), file.bytes);
      const executor = createOnnxExecutor(ort);
      const detector =
        format === 'pt' ? detectorFromCheckpoint(checkpoint) : await loadDetector(at(file.path));
      const ours = await validateOnFiles({
        ...{ detector, executor, data, imgsz, batchSize: 1, workers: 0 },
      });
      await executor.dispose();
      const [map50 = 0, map95 = 0] = reference(at(file.path), data);
      console.log(format, { theirs: [map50, map95], ours: [ours.mAP50, ours.mAP50_95] });
      expect(Math.abs(ours.mAP50 - map50)).toBeLessThan(TOLERANCE);
      expect(Math.abs(ours.mAP50_95 - map95)).toBeLessThan(TOLERANCE);
    },
    600_000,
  );
});
