import { describe, expect, test } from 'vitest';
import { TimePace, type TimePaceOptions } from './time-pace.js';

/** A run on a clock that is turned by hand: batches, validations and an end take given seconds, more or less. */
function runFor(
  seconds: number,
  {
    batch,
    validation,
    batches = 13,
    jitter = 0,
    start = 3,
    ...options
  }: Partial<TimePaceOptions> & {
    batch: (stage: number) => number;
    validation: number;
    batches?: number;
    jitter?: number;
    start?: number;
  },
) {
  let now = start;
  let draws = 1;
  const vary = () => {
    draws = (draws * 16807) % 2147483647;
    return 1 + jitter * ((2 * draws) / 2147483647 - 1);
  };
  const take = (length: number) => {
    const lasted = length * vary();
    now += lasted;
    return lasted;
  };
  const pace = new TimePace({ seconds, elapsed: () => now, validation, ending: 1, ...options });
  const shares: number[] = [];
  const steps = [0, 0, 0];
  let validations = 0;
  while (!pace.isOver()) {
    const stage = pace.stage();
    for (let i = 0; i < batches && !pace.isOver(); i++) {
      shares.push(pace.share());
      pace.onBatch(take(batch(stage)));
      steps[stage] = (steps[stage] ?? 0) + 1;
    }
    if (pace.isOver() || pace.isValidationDue()) {
      pace.onValidated(take(validation));
      validations++;
    }
  }
  return { end: now + 1, shares, steps, validations };
}

describe.each([60, 300, 600])('%i seconds', (seconds) => {
  test.each([0, 0.1])('are used to their end and not overrun; durations vary by %f', (jitter) => {
    for (const batch of [0.02, 0.2, 0.8]) {
      const { end, shares } = runFor(seconds, { batch: () => batch, validation: 2, jitter });
      expect(end).toBeLessThanOrEqual(seconds);
      expect(end).toBeGreaterThan(seconds - 3);
      expect(shares[0]).toBe(0);
      expect(shares.at(-1)).toBeGreaterThan(0.95);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
    }
  });

  test('validation takes at most a fifth of them', () => {
    const { validations } = runFor(seconds, { batch: () => 0.1, validation: 2 });
    expect(validations).toBeGreaterThan(2);
    expect(validations * 2).toBeLessThanOrEqual(seconds / 5);
  });

  const stages = [{ share: 0.25, cost: 4 }];

  test('a later stage comes with its share', () => {
    const { steps, end } = runFor(seconds, {
      batch: (stage) => (stage === 0 ? 0.1 : 0.4),
      validation: 1,
      stages,
    });
    expect(end).toBeLessThanOrEqual(seconds);
    expect((steps[0] ?? 0) * 0.1).toBeGreaterThan(0.2 * (seconds - 6));
    expect(steps[1]).toBeGreaterThan(60);
  });

  test('one that would have too few steps does not', () => {
    const slow = seconds / 200;
    expect(runFor(seconds, { batch: () => slow, validation: 1, stages }).steps[1]).toBe(0);
  });
});

test('a validation that takes longer than was thought is reckoned with', () => {
  const { end } = runFor(120, { batch: () => 0.3, validation: 6, jitter: 0.1 });
  expect(end).toBeLessThanOrEqual(120);
});

test('less time than the start takes ends at once', () => {
  const { steps } = runFor(2, { batch: () => 0.3, validation: 1 });
  expect(steps).toEqual([0, 0, 0]);
});

test('checkpoints are at least two seconds apart', () => {
  let now = 3;
  const pace = new TimePace({ seconds: 60, elapsed: () => now, validation: 1, ending: 1 });
  expect(pace.isCheckpointDue()).toBe(true);
  pace.onSaved();
  now = 4.9;
  expect(pace.isCheckpointDue()).toBe(false);
  now = 5;
  expect(pace.isCheckpointDue()).toBe(true);
});
