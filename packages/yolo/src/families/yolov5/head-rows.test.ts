import { readFileSync } from 'node:fs';
import { hypPresets } from '@froyolo/data';
import { noShared, sharedNote, sharedPath } from '@froyolo/testing';
import { type Checkpoint, loadCheckpoint, toFloat32 } from '@froyolo/weights';
import { describe, expect, test } from 'vitest';
import { createDetector, type Detector } from '../../detector/detector.js';
import { type FineTuneOptions, fineTuneFrom } from '../../detector/from-checkpoint.js';
import { TOY_ARCHITECTURE } from '../../testing/toys.js';
import { checkpointOf } from '../../train/checkpoints.js';
import { describeHeadRows } from './head-rows.js';

const ANCHORS = 2;
const LEVELS = [0, 1];

const known = createDetector(TOY_ARCHITECTURE, { names: ['cat', 'Traffic Light', 'dog'], seed: 1 });
/** In half precision, as a checkpoint has it. */
const checkpoint = checkpointOf(known);

const start = (options: Partial<FineTuneOptions> & Pick<FineTuneOptions, 'names'>, from = checkpoint) =>
  fineTuneFrom(from, { seed: 2, ...options });

/** Row `index` of an anchor of a level: the weights and the bias. */
function row(
  detector: Detector | Checkpoint,
  level: number,
  anchor: number,
  index: number,
  classes: number,
): number[] {
  return ['weight', 'bias'].flatMap((part) => {
    const tensor = detector.tensors.get(`model.5.m.${level}.${part}`);
    if (!tensor) throw new Error('no such tensor');
    const data = Array.from(
      'dtype' in tensor && tensor.dtype === 'float16' ? toFloat32(tensor) : tensor.data,
      Number,
    );
    const size = data.length / (ANCHORS * (5 + classes));
    const first = (anchor * (5 + classes) + index) * size;
    return data.slice(first, first + size);
  });
}

const anchorsOf = LEVELS.flatMap((level) => [0, 1].map((anchor) => [level, anchor] as const));

describe('rows of a detection layer for other classes', () => {
  const names = ['bird', 'traffic_light'];

  test.each(anchorsOf)('level %i, anchor %i: box and objectness as they were', (level, anchor) => {
    const { detector } = start({ names });
    for (let i = 0; i < 5; i++)
      expect(row(detector, level, anchor, i, 2)).toEqual(row(checkpoint, level, anchor, i, 3));
  });

  test.each(anchorsOf)(
    'level %i, anchor %i: a class of the same name, a fresh one for another',
    (level, anchor) => {
      const { detector } = start({ names });
      const fresh = start({ names, keepHead: 'none' }).detector;
      expect(row(detector, level, anchor, 6, 2)).toEqual(row(checkpoint, level, anchor, 6, 3));
      expect(row(detector, level, anchor, 5, 2)).toEqual(row(fresh, level, anchor, 5, 2));
    },
  );

  test('a class that is given', () => {
    const { detector, classes } = start({ names, classFrom: { bird: 'dog' } });
    expect(row(detector, 1, 0, 5, 2)).toEqual(row(checkpoint, 1, 0, 7, 3));
    expect(classes).toEqual([
      { name: 'bird', from: 'dog' },
      { name: 'traffic_light', from: 'Traffic Light' },
    ]);
    const answers = { bird: 'cat', traffic_light: 'cat' };
    expect(start({ names, answers }).classes?.map(({ from }) => from)).toEqual(['cat', 'Traffic Light']);
    expect(start({ names, answers, classFrom: { bird: 'dog' } }).classes?.[0]?.from).toBe('dog');
    expect(() => start({ names, classFrom: { bird: 'dgo' } })).toThrow(
      'the weights have no class "dgo"; there is cat, Traffic Light, dog',
    );
    expect(() => start({ names, classFrom: { brid: 'dog' } })).toThrow('the dataset has no class "brid"');
  });

  test('the same classes in another order take their rows with them', () => {
    const { detector } = start({ names: ['dog', 'cat', 'traffic light'] });
    expect([5, 6, 7].map((i) => row(detector, 0, 1, i, 3))).toEqual(
      [7, 5, 6].map((i) => row(checkpoint, 0, 1, i, 3)),
    );
  });

  test('nothing is said where the whole layer is kept', () => {
    const { detector, classes } = start({ names: known.names });
    expect(classes).toBeUndefined();
    expect(row(detector, 0, 0, 6, 3)).toEqual(row(checkpoint, 0, 0, 6, 3));
  });

  const fresh = start({ names, keepHead: 'none' });

  test('none: the layer starts fresh', () => {
    expect(fresh.classes).toBeUndefined();
    expect(row(fresh.detector, 0, 0, 4, 2)).not.toEqual(row(checkpoint, 0, 0, 4, 3));
  });

  test('other anchors: no rows', () => {
    const wide = {
      width: 64,
      height: 64,
      labels: Float32Array.of(
        0,
        0.5,
        0.5,
        0.9,
        0.02,
        0,
        0.5,
        0.5,
        0.8,
        0.02,
        0,
        0.5,
        0.5,
        0.7,
        0.03,
        0,
        0.5,
        0.5,
        0.6,
        0.02,
      ),
    };
    const fit = { images: [wide], imgsz: 64, hyp: hypPresets['scratch-low'] };
    const { priors, classes, detector } = start({ names, fit });
    expect(priors?.replacement).toBeDefined();
    expect(classes).toBeUndefined();
    expect(row(detector, 0, 0, 4, 2)).toEqual(row(fresh.detector, 0, 0, 4, 2));
    const text = TOY_ARCHITECTURE.replace('[12,12, 16,16]', '[10,12, 16,16]');
    expect(start({ names, cfg: { text, fileName: 'toy.yaml' } }).classes).toBeUndefined();
  });

  test('is told in a line', () => {
    const classes = start({ names: ['dog', 'a', 'b'], classFrom: { b: 'cat' } }).classes ?? [];
    expect(describeHeadRows(classes)).toBe(
      'rows of box and objectness kept in the last layer; classes start: dog from dog, a fresh, b from cat',
    );
    const many = Array.from({ length: 11 }, () => ({ name: 'x' }));
    expect(describeHeadRows(many)).toMatch(/x fresh, …$/);
  });
});

const WEIGHTS = 'weights/yolov5n.pt';

describe.skipIf(noShared(WEIGHTS))(`yolov5n.pt for blood cells${sharedNote(WEIGHTS)}`, () => {
  const of = () => loadCheckpoint(new Uint8Array(readFileSync(sharedPath(WEIGHTS))), 'yolov5n.pt');

  test('rows of box and objectness are those of the checkpoint, to the bit', () => {
    const official = of();
    const { detector, classes } = fineTuneFrom(official, {
      names: ['Platelets', 'RBC', 'person'],
      seed: 0,
    });
    expect(classes?.map(({ from }) => from)).toEqual([undefined, undefined, 'person']);
    for (const [level, channels] of [64, 128, 256].entries()) {
      const name = `model.24.m.${level}.weight`;
      const [old, now] = [official.tensors.get(name), detector.tensors.get(name)];
      if (!old || !now) throw new Error(`no ${name}`);
      const before = toFloat32(old);
      const rows = (
        data: ArrayLike<number>,
        anchor: number,
        perAnchor: number,
        from: number,
        count: number,
      ) =>
        Array.from(data).slice(
          (anchor * perAnchor + from) * channels,
          (anchor * perAnchor + from + count) * channels,
        );
      for (const anchor of [0, 1, 2]) {
        expect(rows(now.data, anchor, 8, 0, 5)).toEqual(rows(before, anchor, 85, 0, 5));
        expect(rows(now.data, anchor, 8, 7, 1)).toEqual(rows(before, anchor, 85, 5, 1));
      }
    }
  });
});
