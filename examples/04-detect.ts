/**
 * Finds objects in an image and draws them.
 *
 * node examples/04-detect.ts yolov5n.pt bus.jpg bus-detected.jpg
 */
import { fileURLToPath } from 'node:url';
import { classColor } from '@froyolo/data';
import { annotateImage, decodeImage, saveImage } from '@froyolo/data/node';
import { createNodeExecutor, loadDetector } from '@froyolo/run/node';
import { createPredictor, type Detection } from '@froyolo/yolo';

/** Detects in `imageFile`, writes the annotated image to `out` and returns what was found. */
export async function main(
  [weights = 'yolov5n.pt', imageFile = '', out = 'detected.jpg']: readonly string[],
  { imgsz = 640, confThres = 0.25 } = {},
): Promise<readonly Detection[]> {
  const detector = await loadDetector(weights);
  const predictor = createPredictor(detector, { executor: await createNodeExecutor(), imgsz, confThres });
  const image = await decodeImage(imageFile);
  const { detections, speed } = await predictor.predict(image);
  await predictor.dispose();

  for (const { name, confidence, box } of detections)
    console.log(`${name} ${confidence.toFixed(2)} at ${box.map(Math.round).join(', ')}`);
  console.log(`${detections.length} objects, ${speed.inference.toFixed(1)} ms`);

  const boxes = detections.map(({ box, name, classId }) => ({
    box,
    label: name,
    color: classColor(classId),
  }));
  await saveImage(await annotateImage(image, boxes), out);
  return detections;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
