/** The same work by YOLOv5 on PyTorch. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ArmResult, Point } from './arms.js';
import { armFile } from './arms.js';
import type { ArmOrder } from './run-arm.js';

const POLL_MS = 100;
/** Columns of results.csv. */
const [MAP50, MAP50_95] = [6, 7];

/** Runs `train.py`; a point's time is when its row appears in results.csv. */
export async function runReference(
  { arm, common, out, reference }: ArmOrder,
  data: string,
): Promise<Pick<ArmResult, 'seconds' | 'steps' | 'points'>> {
  if (!reference) throw new Error(`${arm.recipe.name} needs --reference DIR, a checkout of YOLOv5`);
  const { epochs, freeze = ['0'] } = arm.recipe.settings as { epochs: number; freeze?: string[] };
  const name = armFile(arm).replace(/\.json$/, '');
  const project = resolve(out, 'runs');
  const child = spawn(
    reference.python,
    [
      ...['train.py', '--weights', resolve(common.weights), '--data', resolve(data)],
      ...[
        '--img',
        common.imgsz,
        '--batch-size',
        common.batchSize,
        '--epochs',
        epochs,
        '--seed',
        arm.seed,
      ].map(String),
      ...['--freeze', ...freeze, '--noautoanchor', '--noplots', '--cache', '--device', 'cpu'],
      ...['--project', project, '--name', name, '--exist-ok'],
    ],
    { cwd: reference.folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const ended = new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => done(code ?? 1));
  });
  let running = true;
  const watched = ended.finally(() => {
    running = false;
  });
  const points: Point[] = [];
  const file = join(project, name, 'results.csv');
  while (running) {
    addRows(points, file, elapsed());
    await delay(POLL_MS);
  }
  const code = await watched;
  if (code !== 0) throw new Error(`train.py of the reference ended with ${code}`);
  addRows(points, file, elapsed());
  return { seconds: elapsed(), steps: 0, points };
}

function addRows(points: Point[], file: string, seconds: number): void {
  if (!existsSync(file)) return;
  const rows = readFileSync(file, 'utf8').split('\n').slice(1, -1);
  for (const row of rows.slice(points.length)) {
    const cells = row.split(',').map(Number);
    points.push({ seconds, mAP50: cells[MAP50] ?? 0, mAP50_95: cells[MAP50_95] ?? 0 });
  }
}
