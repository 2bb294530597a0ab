import { expect, test } from 'vitest';
import { ArmClock } from './arm-clock.js';
import type { ArmState } from './arm-folder.js';

const before: ArmState = {
  run: { freeze: '0', seed: 0, settings: '' },
  status: 'running',
  device: 'cpu',
  parameters: 2,
  trainableParameters: 1,
  images: 8,
  peakMemory: 1,
  timing: [
    { epoch: 0, elapsed: 12, training: 8, validation: 2 },
    { epoch: 1, elapsed: 22, training: 8, validation: 2 },
  ],
};

/** A clock whose time is set by hand, in seconds. */
function clockAt(state?: ArmState) {
  const time = { seconds: 0 };
  return { time, clock: new ArmClock(state, () => time.seconds * 1000) };
}

test('a fresh run counts from before its start-up', () => {
  const { time, clock } = clockAt();
  time.seconds = 2;
  clock.start({ epoch: 0, batch: 0 });
  time.seconds = 12;
  clock.endEpoch(0, { training: 8, validation: 2 });
  expect(clock.timing).toEqual([{ epoch: 0, elapsed: 12, training: 8, validation: 2 }]);
});

test('a resumed run goes on after its last epoch, without its second start-up', () => {
  const { time, clock } = clockAt(before);
  time.seconds = 5;
  clock.start({ epoch: 2, batch: 0 });
  time.seconds = 15;
  clock.endEpoch(2, { training: 8, validation: 2 });
  expect(clock.timing.map(({ elapsed }) => elapsed)).toEqual([12, 22, 32]);
});

test('an epoch that is done again is forgotten', () => {
  const { time, clock } = clockAt(before);
  clock.start({ epoch: 1, batch: 0 });
  time.seconds = 9;
  clock.endEpoch(1, { training: 7, validation: 2 });
  expect(clock.timing.at(-1)).toEqual({ epoch: 1, elapsed: 21, training: 7, validation: 2 });
});

test('a clean stop within an epoch counts with what comes after it', () => {
  const first = clockAt(before);
  first.clock.start({ epoch: 2, batch: 0 });
  first.time.seconds = 4;
  const partial = first.clock.stopIn(2);
  expect(partial).toEqual({ epoch: 2, elapsed: 26, training: 4 });

  const { time, clock } = clockAt({ ...before, partial });
  time.seconds = 3;
  clock.start({ epoch: 2, batch: 5 });
  time.seconds = 9;
  clock.endEpoch(2, { training: 4, validation: 2 });
  expect(clock.timing.at(-1)).toEqual({ epoch: 2, elapsed: 32, training: 8, validation: 2 });
});

test('a run that is started anew forgets everything', () => {
  const { clock } = clockAt(before);
  clock.start({ epoch: 0, batch: 0 });
  expect(clock.timing).toEqual([]);
});
