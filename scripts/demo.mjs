// `npm run demo`: fine-tunes the embedded checkpoint, which knows other shapes, to crosses, rings, hexagons and
// hearts, once with a frozen backbone and once with everything trainable, and detects them in new images.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { froyolo, installAndBuild } from './workspace.mjs';

const EMBEDDED = 'packages/shapes/embedded';
const PROJECT = 'runs/demo';
const IMGSZ = 160;
const FREEZES = [10, 0];
/** New images of each row of the picture. */
const SHOWN = 4;

/** Renders the images to train on and, larger so that boxes can be read, the new ones to detect in. */
async function render() {
  const { DEMO_CLASSES: classes } = await import('@froyolo/shapes');
  const { generateShapes } = await import('@froyolo/shapes/node');
  console.log(`Rendering images of ${classes.join(', ')}`);
  rmSync(PROJECT, { recursive: true, force: true });
  await generateShapes({ classes, out: `${PROJECT}/data`, train: 640, val: 160, imgsz: IMGSZ, seed: 1 });
  await generateShapes({ classes, out: `${PROJECT}/new`, train: 0, val: 12, imgsz: 2 * IMGSZ, seed: 2 });
}

/** Trains with each freeze; `compare` prints the figures side by side and writes the report. */
function fineTune() {
  const start = ['--weights', `${EMBEDDED}/shapes.safetensors`, '--data', `${PROJECT}/data/data.yaml`];
  const recipe = ['--hyp', `${EMBEDDED}/demo-hyp.yaml`, '--epochs', 12];
  const freezes = ['--freeze', ...FREEZES];
  const output = ['--project', PROJECT, '--name', 'compare'];
  froyolo('compare', ...start, ...recipe, '--imgsz', IMGSZ, ...freezes, ...output);
}

/** Detects in the new images with what a freeze has given; returns the folder of the pictures. */
function detect(freeze) {
  const weights = ['--weights', `${PROJECT}/compare/freeze-${freeze}-seed-0/weights/best.safetensors`];
  const source = ['--source', `${PROJECT}/new/images/val`, '--imgsz', IMGSZ, '--conf-thres', 0.5];
  const name = `detect-freeze-${freeze}`;
  froyolo('detect', ...weights, ...source, '--project', PROJECT, '--name', name);
  return `${PROJECT}/${name}`;
}

/** One picture of the first detections, a row for each freeze. */
async function draw(folders) {
  const { writeContactSheet } = await import('@froyolo/shapes/node');
  const names = readdirSync(`${PROJECT}/new/images/val`).sort().slice(0, SHOWN);
  const rows = folders.map((folder) => names.map((name) => `${folder}/${name}`));
  await writeContactSheet(rows, `${PROJECT}/detections.jpg`);
}

/** The figures of both trainings, and a sentence that says what they show. */
function printFigures() {
  const { summary } = JSON.parse(readFileSync(`${PROJECT}/compare/results.json`, 'utf8'));
  const figures = summary.map(({ freeze, mAP50, mAP50_95, seconds, peakMemory }) => [
    freeze,
    mAP50.mean.toFixed(3),
    mAP50_95.mean.toFixed(3),
    `${seconds.mean.toFixed(0)} s`,
    `${(peakMemory.mean / 1e6).toFixed(0)} MB`,
  ]);
  console.log('\nBest epoch on the validation images, time and memory of each training:');
  for (const row of [['freeze', 'mAP50', 'mAP50-95', 'time', 'memory'], ...figures])
    console.log(row.map((cell) => cell.padStart(8)).join(' '));

  const [frozen, all] = FREEZES.map((freeze) => summary.find((one) => one.freeze === String(freeze)));
  const part = (figure) => `${((100 * frozen[figure].mean) / all[figure].mean).toFixed(0)}%`;
  console.log(
    `The frozen backbone takes ${part('seconds')} of the time and ${part('peakMemory')} of the memory of training ` +
      `everything, and reaches ${part('mAP50')} of its mAP50.`,
  );
}

installAndBuild();
await render();
fineTune();
const folders = FREEZES.map(detect);
await draw(folders);
printFigures();
console.log(`
Where to look:
  ${PROJECT}/detections.jpg            new images: above with the backbone frozen, below with everything trained
  ${PROJECT}/compare/report.html       accuracy, time and memory of the two trainings, side by side
  ${PROJECT}/compare/freeze-*          their weights, settings and figures
  ${PROJECT}/detect-freeze-*           the detections in all new images`);
