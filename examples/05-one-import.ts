/**
 * Trains, measures and uses a detector from one import; writes runs/train/exp and runs/val/exp.
 *
 * node examples/05-one-import.ts data.yaml yolov5n.pt image.jpg
 */
import { fileURLToPath } from 'node:url';
import { openDetector, type TrainOptions, train, validate } from 'froyolo';

export async function main(
  [data = '', weights = 'yolov5n.pt', image = '']: readonly string[],
  settings: Partial<TrainOptions> = { epochs: 30, imgsz: 320 },
): Promise<number> {
  const { best } = await train({ data, weights, freeze: 10, ...settings });
  const { imgsz, project } = settings;
  const { mAP50 } = await validate({ data, weights: best, imgsz, project });
  const detector = await openDetector({ weights: best, imgsz });
  const { detections } = await detector.detect(image);
  await detector.dispose();
  for (const { name, confidence, box } of detections) console.log(name, confidence, box);
  return mAP50;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
