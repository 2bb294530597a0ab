// `npm run demo`: fine-tunes the embedded checkpoint, which knows other shapes, to crosses, rings, hexagons and
// hearts, once with a frozen backbone and once with everything trainable, and detects them in new images.
import { readFileSync, rmSync } from 'node:fs';
import { froyolo, installAndBuild } from './workspace.mjs';

const EMBEDDED = 'packages/shapes/embedded';
const PROJECT = 'runs/demo';
const COMMON = ['--imgsz', 160, '--project', PROJECT, '--exist-ok'];

/** Renders the images to train on and the new ones to detect in. */
async function render() {
  const { DEMO_CLASSES: classes } = await import('@froyolo/shapes');
  const { generateShapes } = await import('@froyolo/shapes/node');
  console.log(`Rendering images of ${classes.join(', ')}`);
  rmSync(PROJECT, { recursive: true, force: true });
  await generateShapes({ classes, out: `${PROJECT}/data`, train: 800, val: 160, seed: 1 });
  await generateShapes({ classes, out: `${PROJECT}/new`, train: 0, val: 12, seed: 2 });
}

/** The row of a results.csv with the best mAP50-95, by column name. */
function bestEpoch(file) {
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header.split(',').map((name) => name.trim());
  const table = rows.map((row) =>
    Object.fromEntries(row.split(',').map((cell, i) => [names[i], Number(cell)])),
  );
  return table.reduce((a, b) => (b['metrics/mAP_0.5:0.95'] > a['metrics/mAP_0.5:0.95'] ? b : a));
}

/** Fine-tunes with the first `freeze` layers frozen, then detects in the new images; returns a table row. */
function fineTune(freeze) {
  const name = `freeze-${freeze}`;
  const data = ['--data', `${PROJECT}/data/data.yaml`, '--hyp', `${EMBEDDED}/demo-hyp.yaml`];
  const recipe = ['--epochs', 15, '--batch-size', 16, '--seed', 0, '--freeze', freeze];
  const start = performance.now();
  froyolo(
    'train',
    '--weights',
    `${EMBEDDED}/shapes.safetensors`,
    ...data,
    ...recipe,
    ...COMMON,
    '--name',
    name,
  );
  const seconds = (performance.now() - start) / 1000;

  const weights = `${PROJECT}/${name}/weights/best.safetensors`;
  const detections = `${name}-detect`;
  froyolo(
    'detect',
    '--weights',
    weights,
    '--source',
    `${PROJECT}/new/images/val`,
    ...COMMON,
    '--name',
    detections,
  );

  const best = bestEpoch(`${PROJECT}/${name}/results.csv`);
  const figures = [
    best['metrics/mAP_0.5'].toFixed(3),
    best['metrics/mAP_0.5:0.95'].toFixed(3),
    seconds.toFixed(0),
  ];
  return [String(freeze), ...figures, `${PROJECT}/${detections}`];
}

installAndBuild();
await render();
const rows = [10, 0].map(fineTune);

console.log('\nBest epoch on the validation images, and where the detections in new images are:');
for (const row of [['freeze', 'mAP50', 'mAP50-95', 'seconds', 'detections'], ...rows]) {
  console.log(row.map((cell, i) => (i < 4 ? cell.padStart(8) : `  ${cell}`)).join(' '));
}
console.log(`Weights, settings and results.csv of each run are beside them, in ${PROJECT}/freeze-*.`);
