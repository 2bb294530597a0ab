import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { froyolo, IS_BUILT, SMALL_MODEL } from './froyolo.js';

const reason = IS_BUILT ? '' : ' (skipped: not built; run npm test or pnpm build)';
const IMGSZ = 64;

describe.skipIf(!IS_BUILT)(`the command line${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-cli-'));
  const at = (...parts: string[]) => join(folder, ...parts);
  const run = (...args: (string | number)[]) => froyolo(folder, args);
  const weights = 'runs/train/first/weights/best.safetensors';
  const recipe = ['--data', 'shapes/data.yaml', '--imgsz', IMGSZ, '--batch-size', 4, '--workers', 0];

  beforeAll(async () => {
    await generateShapes({ out: at('shapes'), classes: DEMO_CLASSES, train: 8, val: 4, imgsz: IMGSZ });
    copyFileSync(SMALL_MODEL, at('model.yaml'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('train, from fresh values and with frozen layers, fills the folder of a run', async () => {
    const fresh = ['--weights', '', '--cfg', 'model.yaml'];
    const freeze = ['--freeze', 0, 1, '--name', 'first'];
    const { status, stdout, stderr } = await run('train', ...fresh, ...recipe, '--epochs', 2, ...freeze);
    expect(stderr).toContain('freezing model.0');
    expect(stderr).toContain('freezing model.1');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^ +1\/2 .*\n +2\/2 /m)]);
    const files = readdirSync(at('runs/train/first')).sort();
    expect(files.filter((file) => file.startsWith('events.out.tfevents.'))).toHaveLength(1);
    expect(files.filter((file) => !file.startsWith('events.'))).toEqual([
      'F1_curve.png',
      'PR_curve.png',
      'P_curve.png',
      'R_curve.png',
      'args.yaml',
      'confusion_matrix.png',
      'hyp.yaml',
      'labels.png',
      'results.csv',
      'results.png',
      'train_batch0.jpg',
      'train_batch1.jpg',
      'val_batch0_labels.jpg',
      'val_batch0_pred.jpg',
      'weights',
    ]);
    expect(readdirSync(at('runs/train/first/weights')).sort()).toEqual([
      'best.safetensors',
      'last.safetensors',
    ]);
    const [header, ...rows] = readFileSync(at('runs/train/first/results.csv'), 'utf8').trim().split('\n');
    expect(header).toContain('metrics/mAP_0.5:0.95');
    expect(rows).toHaveLength(2);
    expect(stdout).toContain(weights);
  });

  test('train frees layers by a schedule, says so, and records the depth of each epoch', async () => {
    const freeze = ['--weights', weights, '--freeze', 2, '--lr-scale', 'backbone=0.5', '--noplots'];
    const train = (...flags: string[]) => run('train', ...recipe, ...freeze, '--epochs', 3, ...flags);
    const { status, stdout, stderr } = await train('--unfreeze', '1:1', '0:2', '--name', 'unfreeze');
    expect(stderr).toMatch(/^after 1 epoch unfreezing layer 1; \d+ of \d+ parameters stay frozen$/m);
    expect(stderr).toMatch(/^learning rate times 0\.5: \d+ tensors in layers 0-\d+$/m);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^ +1\/3 .*\nEpoch 2: training layer 1 from now on; .*\n +2\/3 .*\nEpoch 3: training layer 0 from now on; nothing is frozen any more\n +3\/3 /m,
      ),
    ]);
    const [header, ...rows] = readFileSync(at('runs/train/unfreeze/results.csv'), 'utf8').trim().split('\n');
    expect([header!, ...rows].map((row) => row.split(',').at(-1)!.trim())).toEqual(['freeze', '2', '1', '0']);
    const refused = await train('--unfreeze', '1:1,2:2', '--name', 'refused');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining(
        'unfreeze "2:2": would freeze what is trained before it, where freeze is 1: model.1.',
      ),
    ]);
  });

  test('val prints a table of classes and keeps the figures', async () => {
    const save = ['--save-txt', '--save-conf'];
    const { status, stdout, stderr } = await run(
      'val',
      ...recipe,
      ...save,
      '--weights',
      weights,
      '--name',
      'v',
    );
    expect([status, stderr]).toEqual([0, expect.stringContaining('4 images')]);
    expect(stdout).toMatch(/Class +Images +Instances +P +R +mAP50 +mAP50-95\nall +4 /);
    const metrics = JSON.parse(readFileSync(at('runs/val/v/metrics.json'), 'utf8'));
    expect(metrics.images).toBe(4);
    expect(readdirSync(at('runs/val/v')).sort()).toEqual([
      'F1_curve.png',
      'PR_curve.png',
      'P_curve.png',
      'R_curve.png',
      'confusion_matrix.png',
      'labels',
      'metrics.json',
      'val_batch0_labels.jpg',
      'val_batch0_pred.jpg',
    ]);
    expect(readdirSync(at('runs/val/v/labels'))).toHaveLength(4);
    expect(readFileSync(at('runs/val/v/labels/val-00000.txt'), 'utf8')).toMatch(/^\d+( [\d.e-]+){5}$/m);
    expect(metrics.mAP50_95).toBeGreaterThanOrEqual(0);
  });

  test('detect writes images, labels and crops; a broken image is named and skipped', async () => {
    const images = at('shapes/images/val');
    copyFileSync(join(images, 'val-00000.jpg'), at('good.jpg'));
    writeFileSync(at('broken.jpg'), 'not an image');
    const save = ['--save-txt', '--save-conf', '--save-crop'];
    const args = ['--weights', weights, '--source', '*.jpg', '--img', IMGSZ, '--conf', 0, '--max-det', 3];
    const { status, stdout, stderr } = await run('detect', ...args, ...save);
    expect([status, stderr]).toEqual([0, expect.stringContaining('broken.jpg')]);
    expect(stderr).toContain('1 of 2 images skipped');
    expect(stdout).toContain('good.jpg: 64x64 ');
    expect(readdirSync(at('runs/detect/exp')).sort()).toEqual(['crops', 'good.jpg', 'labels']);
    const rows = readFileSync(at('runs/detect/exp/labels/good.txt'), 'utf8').trim().split('\n');
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.split(' ')).toHaveLength(6);
  });

  test('params lists parameters, layers and what is frozen', async () => {
    const { status, stdout } = await run('params', '--weights', weights, '--freeze', '0-1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^model\.0\.conv\.weight +8x3x6x6 +864 +frozen$/m);
    expect(stdout).toMatch(/^model\.2\.cv1\.conv\.weight +\S+ +\d+$/m);
    expect(stdout).toContain('GFLOPs at 640');
  });

  test.skipIf(process.platform === 'win32')(
    'Ctrl-C saves, says how to resume, and resuming ends the run (skipped on Windows, which has no SIGINT to send)',
    async () => {
      const fresh = [
        'train',
        '--weights',
        '',
        '--cfg',
        'model.yaml',
        ...recipe,
        '--epochs',
        6,
        '--noautoanchor',
      ];
      let isSent = false;
      const stopped = await froyolo(folder, [...fresh, '--name', 'stopped'], (stdout, child) => {
        if (!isSent && /^ +1\/6 /m.test(stdout)) isSent = child.kill('SIGINT');
      });
      expect([stopped.status, stopped.stderr]).toEqual([130, expect.stringContaining('Stopping')]);
      const [, resume] = stopped.stderr.match(/^ +froyolo (train --resume \S+)$/m) ?? [];
      expect(resume).toBe('train --resume runs/train/stopped/weights/last.safetensors');

      const resumed = await run(...resume!.split(' '));
      expect([resumed.status, resumed.stderr]).toEqual([0, expect.any(String)]);
      const rows = readFileSync(at('runs/train/stopped/results.csv'), 'utf8').trim().split('\n').slice(1);
      expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(Array.from({ length: 6 }, (_, i) => i));
    },
  );

  test('a run that is done has nothing to resume', async () => {
    const { status, stderr } = await run('train', '--resume', 'runs/train/first/weights/last.safetensors');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: .*finished/m)]);
  });

  test('data convert makes a dataset that can be validated', async () => {
    const [voc, out] = [at('voc'), at('converted')];
    for (const part of ['Annotations', 'JPEGImages']) mkdirSync(join(voc, part), { recursive: true });
    copyFileSync(at('shapes/images/val/val-00000.jpg'), join(voc, 'JPEGImages/one.jpg'));
    const box = '<bndbox><xmin>11</xmin><ymin>11</ymin><xmax>31</xmax><ymax>51</ymax></bndbox>';
    const xml = `<annotation><object><name>ring</name>${box}</object></annotation>`;
    writeFileSync(join(voc, 'Annotations/one.xml'), xml);
    const { status, stdout } = await run('data', 'convert', 'voc', '--out', 'converted');
    expect([status, stdout]).toEqual([0, expect.stringContaining('train: 1 image, 1 object')]);
    expect(readFileSync(join(out, 'labels/train/one.txt'), 'utf8')).toMatch(
      /^0 0\.31250* 0\.468750* 0\.31250* 0\.6250*\n$/,
    );
  });

  test.each([
    ['weights that are not there', ['val', '--data', 'shapes/data.yaml', '--weights', 'none.pt'], 'none.pt'],
    ['weights of another kind', ['params', '--weights', 'model.yaml'], 'model.yaml'],
    ['a dataset that is not there', ['train', '--data', 'none.yaml', '--weights', weights], 'none.yaml'],
    ['an image that is not there', ['detect', '--weights', weights, '--source', 'none.jpg'], 'none.jpg'],
    ['a freeze of everything', ['train', ...recipe, '--weights', weights, '--freeze', 99], '99'],
  ])('%s: one message, no stack, status 1', async (_, args, name) => {
    const { status, stdout, stderr } = await run(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).toContain(name);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stderr).not.toContain('not foreseen');
    expect(existsSync(at('runs/train/exp'))).toBe(false);
  });

  test('a label that is wrong is named with file and line', async () => {
    await generateShapes({ out: at('bad'), classes: DEMO_CLASSES, train: 2, val: 2, imgsz: IMGSZ });
    writeFileSync(at('bad/labels/val/val-00001.txt'), '0 0.5 0.5 0.2 0.2\n9 0.5 0.5 0.2 0.2\n');
    const bad = ['--data', 'bad/data.yaml', '--imgsz', IMGSZ, '--workers', 0];
    const { status, stderr } = await run('val', ...bad, '--weights', weights);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^warning: .*val-00001\.txt:2: /m)]);
  });
});
