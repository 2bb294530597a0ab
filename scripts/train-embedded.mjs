// Makes packages/shapes/embedded/shapes.safetensors, the checkpoint that the demo starts from:
// `node scripts/train-embedded.mjs` in a built checkout. It took 36 minutes on two cores that did other work, too.
import { copyFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { froyolo } from './workspace.mjs';

const EMBEDDED = 'packages/shapes/embedded';
const PROJECT = 'runs/embedded';
const DATA = `${PROJECT}/data`;
const LARGEST_BYTES = 1.5e6;

if (!existsSync(DATA)) {
  const { PRETRAIN_CLASSES: classes } = await import('@froyolo/shapes');
  const { generateShapes } = await import('@froyolo/shapes/node');
  console.log(`Rendering images of ${classes.join(', ')}`);
  await generateShapes({ classes, out: DATA, train: 5000, val: 300, imgsz: 160, seed: 0 });
}

const model = ['--weights', '', '--cfg', `${EMBEDDED}/model.yaml`, '--hyp', `${EMBEDDED}/pretrain-hyp.yaml`];
const recipe = ['--imgsz', 160, '--epochs', 16, '--batch-size', 32, '--optimizer', 'AdamW', '--seed', 0];
const output = ['--project', PROJECT, '--name', 'pretrain', '--exist-ok'];
froyolo('train', '--data', `${DATA}/data.yaml`, ...model, ...recipe, ...output);

const best = `${PROJECT}/pretrain/weights/best.safetensors`;
const { size } = statSync(best);
if (size > LARGEST_BYTES) {
  throw new Error(
    `${best} has ${size} bytes, too many to commit: it should hold float16 weights and no optimizer state`,
  );
}
copyFileSync(best, `${EMBEDDED}/partial`);
renameSync(`${EMBEDDED}/partial`, `${EMBEDDED}/shapes.safetensors`);
console.log(`${EMBEDDED}/shapes.safetensors: ${size} bytes`);
