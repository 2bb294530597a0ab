import { parseArgs } from 'node:util';
import { DEMO_CLASSES, OUTLINES, type ShapeClass } from '../outlines.js';
import { generateShapes } from './generate.js';

const HELP = `Renders a detection dataset of shapes in YOLO format.

froyolo-shapes --out FOLDER [--classes ${DEMO_CLASSES.join(',')}] [--train 256] [--val 64] [--imgsz 160] [--seed 0]

Classes: ${Object.keys(OUTLINES).join(', ')}
`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    classes: { type: 'string', default: DEMO_CLASSES.join(',') },
    train: { type: 'string', default: '256' },
    val: { type: 'string', default: '64' },
    imgsz: { type: 'string', default: '160' },
    seed: { type: 'string', default: '0' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help || values.out === undefined) {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    const file = await generateShapes({
      out: values.out,
      // The generator itself refuses a name that it can't draw.
      classes: values.classes.split(',') as ShapeClass[],
      train: Number(values.train),
      val: Number(values.val),
      imgsz: Number(values.imgsz),
      seed: Number(values.seed),
    });
    console.log(file);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
