import type { EpochEvent } from '@froyolo/yolo';
import { expect, test } from 'vitest';
import { Terminal } from './terminal.js';
import { TrainLog } from './train-log.js';

const losses = { box: 0.1, obj: 0.02, cls: 0.003 };
const lr = { weight: 0.01, bn: 0.01, bias: 0.01 };
const metrics = { precision: 0.5, recall: 0.4, mAP50: 0.3, mAP50_95: 0.2 };
const classes = [{ classId: 0, name: 'ring', images: 2, instances: 3, ...metrics }];
const speed = { preprocess: 1, inference: 1, nms: 1 };
const details = { curves: [], confusion: { size: 1, counts: [0] } };
const validation = { ...metrics, images: 2, instances: 3, classes, speed, details };
const batch = {
  batch: 2,
  batches: 2,
  losses,
  imagesPerSecond: 12.34,
  lr,
  targets: 9,
  imgsz: [320, 320] as const,
};
const seconds = { training: 60, waiting: 1, validation: 5 };

function runEpochs(isTTY: boolean, events: Pick<EpochEvent, 'validation' | 'best'>[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 120,
    write: (text: string) => (written[name] += text),
  });
  const log = new TrainLog(
    new Terminal({ stdout: stream('stdout'), stderr: stream('stderr'), env: { NO_COLOR: '1' } }),
  );
  log.onStart({ epochs: events.length, lossTerms: Object.keys(losses) });
  for (const [epoch, event] of events.entries()) {
    log.onBatch({ ...batch, epoch });
    log.onEpoch({ epoch, epochs: events.length, losses, lr, fitness: 0, freeze: '10', seconds, ...event });
  }
  log.finish();
  return written;
}

test('one line per epoch, then the classes of the best one', () => {
  const { stdout, stderr } = runEpochs(false, [{ validation, best: true }, { best: false }]);
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0].trim().split(/\s+/)).toEqual([
    'Epoch',
    'Memory',
    'Images/s',
    'box',
    'obj',
    'cls',
    'Size',
    'P',
    'R',
    'mAP50',
    'mAP50-95',
  ]);
  expect(lines[1]).toMatch(
    /^ +1\/2 +[\d.]+ [MG]B +12\.3 +0\.1000 +0\.0200 +0\.0030 +320 +0\.500 +0\.400 +0\.300 +0\.200 {2}1 min 05 s {2}best$/,
  );
  expect(lines[2]).toMatch(/^ +2\/2 .* - +- +- +- {2}1 min 05 s$/);
  expect(lines.slice(4)).toEqual([
    'Best epoch, by class:',
    'Class  Images  Instances      P      R  mAP50  mAP50-95',
    'all         2          3  0.500  0.400  0.300     0.200',
  ]);
});

test('figures before training, and its classes where no epoch is better', () => {
  let text = '';
  const stream = { isTTY: false, write: (chunk: string) => (text += chunk) };
  const log = new TrainLog(new Terminal({ stdout: stream, stderr: stream, env: { NO_COLOR: '1' } }));
  log.onOpened(validation);
  log.onStart({ epochs: 1, lossTerms: Object.keys(losses) });
  log.onBatch({ ...batch, epoch: 0 });
  const worse = { ...validation, mAP50_95: 0.1 };
  log.onEpoch({
    ...{ epoch: 0, epochs: 1, losses, lr, fitness: 0, freeze: '10', seconds },
    validation: worse,
    best: false,
  });
  log.finish();
  expect(text).toContain('Before training: mAP50 0.300, mAP50-95 0.200 on the images to validate\n');
  expect(text).toMatch(/\nBefore training, by class:\n.*\nall .* 0\.200\n/);
  expect(text).not.toContain('Best epoch');
});

test('a line when layers are freed, by the number of the epoch that the next line shows', () => {
  let text = '';
  const stream = { isTTY: false, write: (written: string) => (text += written) };
  const log = new TrainLog(new Terminal({ stdout: stream, stderr: stream, env: { NO_COLOR: '1' } }));
  log.onStart({ epochs: 30, lossTerms: Object.keys(losses) });
  log.onStage(20, 'training layers 10-23 from now on');
  log.onBatch({ ...batch, epoch: 20 });
  log.onEpoch({ epoch: 20, epochs: 30, losses, lr, fitness: 0, freeze: '10', best: false, seconds });
  expect(text.split('\n').slice(1, 3)).toEqual([
    'Epoch 21: training layers 10-23 from now on',
    expect.stringMatching(/^ +21\/30 /),
  ]);
});

test('a training that the clock ends shows no number of epochs', () => {
  let text = '';
  const stream = { isTTY: false, write: (written: string) => (text += written) };
  const log = new TrainLog(new Terminal({ stdout: stream, stderr: stream, env: { NO_COLOR: '1' } }));
  log.onStart({ epochs: 1_000_000, timed: true, lossTerms: Object.keys(losses) });
  log.onBatch({ ...batch, epoch: 2 });
  log.onEpoch({ epoch: 2, epochs: 1_000_000, losses, lr, fitness: 0, freeze: '10', best: false, seconds });
  expect(text.split('\n')[1]).toMatch(/^ +3 /);
});

test('on a terminal the running epoch has a live line, which is taken away', () => {
  const { stderr } = runEpochs(true, [{ validation, best: true }]);
  expect(stderr).toContain('█ 100%');
  expect(stderr.endsWith('\r\u001b[2K')).toBe(true);
});
