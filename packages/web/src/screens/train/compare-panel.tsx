/** Two depths trained one after the other, and what came of each. */
import { conclude, summarize } from '@froyolo/study/figures';
import { useState } from 'preact/hooks';
import type { Run } from '../../library/types.js';
import { Chart } from '../../parts/chart.js';
import { ScrollTable } from '../../parts/scroll-table.js';
import { work } from '../../state/busy.js';
import { boxCount, opened, runs } from '../../state/project.js';
import { compare } from '../../state/training.js';
import { texts } from '../../texts/index.js';
import { compact, size } from '../../texts/numbers.js';
import { armOf, lastCompared, secondsUntil } from './compared-runs.js';

const COLORS = ['--series-1', '--series-2', '--series-3'];

/** @param deepest layers before the head */
export function ComparePanel({ deepest }: { deepest: number }) {
  const { compare: words, freeze: names } = texts.value;
  const [chosen, setChosen] = useState<readonly [string, string]>(['0', '10']);
  const compared = lastCompared(runs.value);
  const given = opened().training.freeze;
  const known: Record<string, string> = {
    0: names.nothing,
    10: names.backbone,
    [deepest]: names.head,
    ...(given === undefined || ['0', '10', String(deepest)].includes(given) ? {} : { [given]: given }),
  };
  const choose = (at: number, freeze: string) =>
    setChosen(at === 0 ? [freeze, chosen[1]] : [chosen[0], freeze]);
  return (
    <details class="card compare" id="compare" open={compared.length > 1}>
      <summary>
        <h2>{words.title}</h2>
      </summary>
      <p class="hint">{words.what}</p>
      <div class="row">
        {chosen.map((freeze, at) => (
          <label key={at} class="field">
            {words.side(at)}
            <select
              id={`compare-${at}`}
              value={freeze}
              onChange={({ currentTarget }) => choose(at, currentTarget.value)}
            >
              {Object.entries(known).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <div class="actions">
        <button
          type="button"
          id="compare-start"
          disabled={work.value !== undefined || boxCount.value === 0 || chosen[0] === chosen[1]}
          onClick={() => void compare(chosen)}
        >
          {words.start}
        </button>
      </div>
      {compared.length > 0 && <Report compared={compared} nameOf={(freeze) => known[freeze] ?? freeze} />}
    </details>
  );
}

interface ReportProps {
  readonly compared: readonly Run[];
  readonly nameOf: (freeze: string) => string;
}

function Report({ compared, nameOf }: ReportProps) {
  const arms = compared.map(armOf);
  return (
    <div id="compared">
      <ul class="sentences">
        {conclude(summarize(arms), arms).map((conclusion, i) => (
          <li key={i}>{texts.value.compare.conclusion(conclusion)}</li>
        ))}
      </ul>
      <Figures {...{ compared, nameOf }} />
      <Curves {...{ compared, nameOf }} />
    </div>
  );
}

function Figures({ compared, nameOf }: ReportProps) {
  const { compare: words } = texts.value;
  return (
    <ScrollTable id="compared-table" label={words.table} head={words.columns}>
      {compared.map(armOf).map(({ freeze, best, ...arm }) => (
        <tr key={freeze}>
          <th scope="row">{nameOf(freeze)}</th>
          <td>{compact.format(arm.trainableParameters)}</td>
          <td>{best?.mAP50.toFixed(3) ?? '–'}</td>
          <td>{best?.mAP50_95.toFixed(3) ?? '–'}</td>
          <td>{best ? best.epoch + 1 : '–'}</td>
          <td>{words.duration(arm.seconds)}</td>
          <td>{arm.imagesPerSecond.toFixed(1)}</td>
          <td>{size(arm.peakMemory)}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function Curves({ compared, nameOf }: ReportProps) {
  const { compare: words } = texts.value;
  const seconds = compared.map((run) => run.points.map((_, i) => secondsUntil(run, i + 1)));
  const times = [...new Set(seconds.flat())].sort((a, b) => a - b);
  const epochs = Math.max(...compared.map(({ points }) => points.length));
  const color = (i: number) => COLORS[i % COLORS.length] ?? '--soft';
  const accuracy = compared.map(({ freeze, points }, i) => ({
    label: nameOf(freeze),
    color: color(i),
    values: times.map((time) => points[seconds[i]?.indexOf(time) ?? -1]?.mAP50_95 ?? null),
  }));
  const losses = compared.map(({ freeze, points }, i) => ({
    label: nameOf(freeze),
    color: color(i),
    values: Array.from({ length: epochs }, (_, at) => lossOf(points[at])),
  }));
  return (
    <div class="charts">
      <Chart title={words.accuracy} xLabel={words.seconds} x={times} lines={accuracy} />
      <Chart
        title={words.loss}
        xLabel={words.epoch}
        x={Array.from({ length: epochs }, (_, i) => i + 1)}
        lines={losses}
      />
    </div>
  );
}

const lossOf = (point: Run['points'][number] | undefined) =>
  point ? Object.values(point.losses).reduce((sum, one) => sum + one, 0) : null;
