/** Real trainings on real workers with a real Redis, while things die: what comes out is what one machine makes. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { queueStatus } from '@froyolo/queue';
import { NO_REDIS, RedisServer } from '@froyolo/queue/testing';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { type StudyResults, writeReport } from '@froyolo/study';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BIN, froyolo, IS_BUILT, SMALL_MODEL } from '../cli/froyolo.js';

const reason = NO_REDIS || (IS_BUILT ? '' : ' (skipped: not built; run npm test or pnpm build)');
const NO_OPENSSL = isInstalled('openssl') ? '' : ' (skipped: no openssl here)';
const LEARNING = join(import.meta.dirname, '../../bench/dist/learning.js');
const NO_BENCH = existsSync(LEARNING) ? '' : ' (skipped: bench is not built; run pnpm build)';
const FIRST_RUN = 'freeze-0-seed-0';
const EPOCHS = 3;
const FREEZES = ['0', '0-1'];
const SEEDS = 6;

describe.skipIf(reason)(`a study on three workers${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-queue-'));
  const recipe = ['--data', 'shapes/data.yaml', '--weights', '', '--cfg', 'model.yaml', '--noautoanchor'];
  const size = ['--imgsz', 64, '--batch-size', 4, '--workers', 0, '--epochs', EPOCHS, '--device', 'cpu'];
  const study = ['compare', ...recipe, ...size, '--threads', 1, '--freeze', ...FREEZES, '--seeds', SEEDS];
  const results = (project: string): StudyResults =>
    JSON.parse(readFileSync(join(folder, project, 'exp/results.json'), 'utf8'));
  const workers = new Map<string, { child: ChildProcess; ended: Promise<void>; output: string }>();
  let redis: RedisServer;

  beforeAll(async () => {
    const shapes = { classes: DEMO_CLASSES, train: 24, val: 4, imgsz: 64 };
    await generateShapes({ out: join(folder, 'shapes'), ...shapes });
    copyFileSync(SMALL_MODEL, join(folder, 'model.yaml'));
    redis = await RedisServer.start();
  });
  afterAll(async () => {
    // Each hands back what it has, and its own processes end, before its folder is removed.
    for (const { child } of workers.values()) child.kill('SIGTERM');
    await Promise.all([...workers.values()].map(({ ended }) => ended));
    await redis.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  function startWorker(name: string): void {
    const places = ['--queue', redis.url, '--store', 'store', '--cache-dir', `cache-${name}`];
    const child = spawn(process.execPath, [BIN, 'worker', ...places, '--name', name, '--silence', '6s'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const worker = { child, ended, output: '' };
    workers.set(name, worker);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      worker.output += text;
    });
  }

  /** Waits until a worker is in the middle of a run that has a checkpoint in the store; returns the run. */
  async function inTheMiddle(name: string, done: number): Promise<string> {
    for (;;) {
      const { runs, counts } = await queueStatus(redis.url);
      const run = runs.find(({ worker, state }) => worker === name && state === 'running');
      if (run && run.epoch >= 1 && run.epoch < EPOCHS && counts.finished >= done) return run.name;
      await delay(50);
    }
  }

  test('a worker is killed, Redis restarts: all runs finish, none twice, at most an epoch again', async () => {
    for (const name of ['a', 'b', 'c']) startWorker(name);
    const queued = froyolo(folder, [
      ...study,
      '--project',
      'queued',
      '--queue',
      redis.url,
      '--store',
      'store',
    ]);
    const killed = await inTheMiddle('b', 0);
    workers.get('b')?.child.kill('SIGKILL');
    await inTheMiddle('a', 2);
    await redis.stop();
    await delay(1000);
    await redis.start();
    startWorker('d');
    const { status, stdout } = await queued;
    expect([status, stdout]).toEqual([0, expect.stringContaining('Report:')]);

    const { arms } = results('queued');
    expect(arms.map(({ status: end, epochs }) => [end, epochs.length])).toEqual(
      Array(FREEZES.length * SEEDS).fill(['finished', EPOCHS]),
    );
    // What was printed of epochs tells how often each was done.
    const counts = new Map<string, number>();
    for (const [, run = ''] of stdout.matchAll(/^(freeze .*): \d\/3 /gm))
      counts.set(run, (counts.get(run) ?? 0) + 1);
    for (const [run, count] of counts) expect([run, count <= EPOCHS + 1]).toEqual([run, true]);
    expect([...workers.values()].filter(({ output }) => output.includes(`${killed}: begins`))).toHaveLength(
      2,
    );
    const finished = [...workers.values()].flatMap(({ output }) => output.match(/^.*: finished$/gm) ?? []);
    expect(new Set(finished).size).toBe(finished.length);
  }, 600_000);

  test('weights and figures are those of one machine, byte for byte', async () => {
    const { status } = await froyolo(folder, [...study, '--project', 'local']);
    expect(status).toBe(0);
    expect(filesOf('queued')).toEqual(filesOf('local'));
    expect(withoutTimes('queued')).toEqual(withoutTimes('local'));
    // Nothing of the queue stays in the study's folder.
    expect(existsSync(join(folder, 'queued/exp/queue.json'))).toBe(false);
  }, 600_000);

  test('the report is that of one machine but for times and machines', async () => {
    expect(namesIn('queued')).toEqual(namesIn('local'));
    for (const project of ['queued', 'local'])
      await writeReport(timeless(results(project)), join(folder, `report-${project}`));
    const [queued, local] = [filesBelow('report-queued'), filesBelow('report-local')];
    expect(Object.keys(queued)).toContain('/report.html');
    expect(queued).toEqual(local);
  });

  test('an evolution: its generations are those of one machine', async () => {
    const evolve = ['train', ...recipe, ...size, '--threads', 1, '--evolve', 2, '--noplots', '--seed', 3];
    const places = ['--queue', redis.url, '--store', 'store'];
    const queued = await froyolo(folder, [...evolve, '--project', 'evolve-queued', ...places]);
    expect([queued.status, queued.stdout]).toEqual([0, expect.stringContaining('Generation 2:')]);
    expect((await froyolo(folder, [...evolve, '--project', 'evolve-local'])).status).toBe(0);
    const filesOf = (project: string) =>
      ['evolve.csv', 'hyp_evolve.yaml'].map((name) =>
        readFileSync(join(folder, project, 'exp', name), 'utf8'),
      );
    expect(filesOf('evolve-queued')).toEqual(filesOf('evolve-local'));
    // Generations that are done leave their rows alone.
    expect(readdirSync(join(folder, 'evolve-queued/exp')).sort()).toEqual([
      'evolve.csv',
      'evolve.json',
      'hyp_evolve.yaml',
    ]);
  }, 600_000);

  test.skipIf(NO_BENCH)(
    `arms of the learning benchmark${NO_BENCH}`,
    async () => {
      const weights = join(folder, 'local/exp', FIRST_RUN, 'weights/last.safetensors');
      const plan = ['--data', 'shapes=shapes/data.yaml', '--sizes', '12', '--recipes', 'yolov5-0@2'];
      const common = ['--seeds', '2', '--weights', weights, '--imgsz', '64', '--batch-size', '4'];
      const learn = (out: string, ...more: string[]) =>
        promisify(execFile)(process.execPath, [LEARNING, ...plan, ...common, '--out', out, ...more], {
          cwd: folder,
        });
      await learn('learning-queued', '--queue', redis.url, '--store', 'store');
      await learn('learning-local');
      const arms = (out: string) => {
        const own = join(folder, out, 'arms');
        return readdirSync(own)
          .sort()
          .map((name) => figuresOf(JSON.parse(readFileSync(join(own, name), 'utf8'))));
      };
      const local = arms('learning-local');
      // Workers tell nothing of the detector before training, which is the first point here.
      const afterEpochs = local.map(({ points, ...arm }) => ({ ...arm, points: points.slice(1) }));
      expect(arms('learning-queued')).toEqual(afterEpochs);
      for (const { steps, points } of local) expect([steps, points.length]).toEqual([6, 3]);
      expect(existsSync(join(folder, 'learning-queued/README.md'))).toBe(true);
    },
    600_000,
  );

  test.skipIf(NO_OPENSSL)(`TLS and a password in the address${NO_OPENSSL}`, async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const secure = await RedisServer.start((port) => [
      ...['--port', '0', '--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-auth-clients', 'no', '--requirepass', 'secret'],
    ]);
    const status = (password: string) =>
      froyolo(folder, ['study', 'status', '--queue', `rediss://:${password}@${secure.host}`], undefined, {
        NODE_EXTRA_CA_CERTS: cert,
      });
    const [right, wrong] = [await status('secret'), await status('guess')];
    expect([right.status, right.stdout]).toEqual([0, expect.stringContaining('0 runs')]);
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringMatching(/rediss:\/\/:\*\*\*@.*password/)]);
    expect(wrong.stderr).not.toContain('guess');
    await secure.remove();
  });

  /** Sums of all files of the runs that hold no times. */
  function filesOf(project: string): Record<string, string> {
    const root = join(folder, project, 'exp');
    const entries = readdirSync(root, { withFileTypes: true, recursive: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const kept = files.filter((file) =>
      /freeze-.*(safetensors|results\.csv|hyp\.yaml|args\.yaml)$/.test(file),
    );
    return Object.fromEntries(kept.map((file) => [file.slice(root.length), sum(file, project)]));
  }

  function sum(file: string, project: string): string {
    const bytes = readFileSync(file);
    const own = file.endsWith('args.yaml') ? bytes.toString().replace(`${project}/exp`, 'exp') : bytes;
    return createHash('sha256').update(own).digest('hex');
  }

  /** Paths of all files of a study. */
  function namesIn(project: string): string[] {
    return Object.keys(filesBelow(join(project, 'exp')));
  }

  /** Sums of the files below a folder, by their paths. */
  function filesBelow(name: string): Record<string, string> {
    const root = join(folder, name);
    const entries = readdirSync(root, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    const sums = files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      return [file.slice(root.length), hash] as const;
    });
    return Object.fromEntries(sums.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function withoutTimes(project: string) {
    return results(project).arms.map(({ epochs, freeze, seed, parameters, trainableParameters, best }) => ({
      ...{ freeze, seed, parameters, trainableParameters, best: best?.epoch },
      epochs: epochs.map(({ epoch, trainLosses, valLosses, mAP50, mAP50_95 }) => [
        ...[epoch, trainLosses, valLosses, mAP50, mAP50_95],
      ]),
    }));
  }
});

interface LearningArm {
  readonly seed: number;
  readonly steps: number;
  readonly points: readonly { readonly mAP50: number; readonly mAP50_95: number }[];
}

/** Without times, and with the digits that `results.csv` has. */
function figuresOf({ seed, steps, points }: LearningArm) {
  const digits = (value: number) => Number(value.toPrecision(5));
  return { seed, steps, points: points.map((one) => [digits(one.mAP50), digits(one.mAP50_95)]) };
}

/** Figures that tell of a machine, not of a training; what is recommended weighs times too. */
const OF_MACHINES = [
  ...['seconds', 'imagesPerSecond', 'peakMemory', 'cpu', 'gpu', 'peakGpuMemory', 'samples', 'elapsed'],
  ...['training', 'waiting', 'validation', 'machine', 'recommendation'],
];

/** The same results with the figures of machines made equal: each number 1, no samples, nothing recommended. */
function timeless(results: StudyResults): StudyResults {
  const text = JSON.stringify(results, (key, value: unknown) =>
    OF_MACHINES.includes(key) ? neutral(value) : value,
  );
  return JSON.parse(text);
}

function neutral(value: unknown): unknown {
  if (typeof value === 'number') return 1;
  if (Array.isArray(value)) return [];
  if (typeof value !== 'object' || value === null) return '';
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, neutral(one)]));
}

function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
