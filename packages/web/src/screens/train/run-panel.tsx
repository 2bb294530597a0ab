/** The training that runs, or the last one: how far it is, and its curves. */
import type { RunNote } from '../../library/run-note.js';
import type { Run } from '../../library/types.js';
import { Chart } from '../../parts/chart.js';
import { busy, work } from '../../state/busy.js';
import { runs } from '../../state/project.js';
import { began, lastRun, live, share, starting, stopping } from '../../state/training.js';
import { texts } from '../../texts/index.js';

const LOSS_COLORS = ['--series-1', '--series-2', '--series-3'];

export function RunPanel() {
  const { run: words } = texts.value;
  const run = lastRun.value;
  const isTraining = work.value === 'training';
  if (!run && !isTraining) return null;
  return (
    <section class="card run" id="run" aria-labelledby="run-title">
      <h2 id="run-title">{words.title(runs.value.length + (isTraining && starting.value ? 1 : 0))}</h2>
      {isTraining ? <Progress /> : run && <p id="status">{statusOf(run)}</p>}
      {run && <Tiles run={run} isTraining={isTraining} />}
      {run && run.points.length > 0 && <Curves run={run} />}
      {run && run.notes.length > 0 && (
        <details id="notes">
          <summary>{words.notes}</summary>
          <ul>
            {run.notes.map((note, i) => (
              <Note key={i} note={note} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** What a package says is English. */
const Note = ({ note }: { note: RunNote }) =>
  typeof note === 'string' ? <li lang="en">{note}</li> : <li>{texts.value.run.note(note)}</li>;

function statusOf({ status, points, bestEpoch, before }: Run): string {
  const { run: words } = texts.value;
  const ended = words.status[status](points.at(-1)?.epoch ?? 0, bestEpoch);
  const isOpenedBest = bestEpoch === 0 && before && points.length > 0;
  return isOpenedBest ? ended + words.openedIsBest(before.mAP50_95) : ended;
}

function Progress() {
  const { run: words } = texts.value;
  const { stage, epoch, epochs, batch, batches } = live.value;
  const done = share.value;
  const isTimed = epochs > 100_000;
  const text = stopping.value
    ? words.stopping
    : stage
      ? words.stage(stage)
      : words.at(epoch + 1, isTimed ? undefined : epochs, batch, batches);
  return (
    <>
      <p id="status" role="status">
        {text}
      </p>
      {done === undefined ? (
        <progress aria-label={words.progress} />
      ) : (
        <progress id="progress" max={1} value={done} aria-label={words.progress} />
      )}
    </>
  );
}

function Tiles({ run, isTraining }: { run: Run; isTraining: boolean }) {
  const { run: words } = texts.value;
  const validated = run.points.filter(({ mAP50 }) => mAP50 !== undefined);
  const best = validated.find(({ epoch }) => epoch === run.bestEpoch) ?? run.before ?? validated.at(-1);
  const { loss, imagesPerSecond } = live.value;
  const lastLoss = Object.values(run.points.at(-1)?.losses ?? {}).reduce((a, b) => a + b, 0);
  const shown = isTraining && loss > 0 ? loss : lastLoss;
  const tiles = [
    ['tile-map50', 'mAP50', best?.mAP50?.toFixed(3)],
    ['tile-map', 'mAP50-95', best?.mAP50_95?.toFixed(3)],
    ['tile-loss', words.loss, shown > 0 ? shown.toFixed(3) : undefined],
    ...(isTraining
      ? [
          ['tile-speed', words.speed, imagesPerSecond > 0 ? imagesPerSecond.toFixed(1) : undefined],
          ['tile-left', words.left, timeLeft()],
        ]
      : []),
  ];
  return (
    <dl class="tiles">
      {tiles.map(([id, label, value]) => (
        <div key={id}>
          <dt>{label}</dt>
          <dd id={id}>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function timeLeft(): string | undefined {
  const done = share.value;
  if (!done || !busy.value) return undefined;
  const passed = (performance.now() - began.value) / 1000;
  return texts.value.run.duration(Math.max(0, (passed / done) * (1 - done)));
}

function Curves({ run: { points, before } }: { run: Run }) {
  const { run: words } = texts.value;
  const x = points.map(({ epoch }) => epoch);
  const terms = Object.keys(points[0]?.losses ?? {});
  const losses = terms.map((label, i) => ({
    label,
    color: LOSS_COLORS[i % LOSS_COLORS.length],
    values: points.map((point) => point.losses[label] ?? null),
  }));
  const baseline = before
    ? [{ label: words.asOpened, color: '--soft', dashed: true, values: points.map(() => before.mAP50) }]
    : [];
  const figures = [
    { label: 'mAP50', color: '--series-1', values: points.map(({ mAP50 }) => mAP50 ?? null) },
    { label: 'mAP50-95', color: '--series-2', values: points.map(({ mAP50_95 }) => mAP50_95 ?? null) },
    ...baseline,
  ];
  return (
    <div class="charts">
      <Chart title={words.losses} xLabel={words.epoch} x={x} lines={losses} />
      <Chart title={words.figures} xLabel={words.epoch} x={x} lines={figures} />
    </div>
  );
}
