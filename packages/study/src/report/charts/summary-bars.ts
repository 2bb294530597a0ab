/** The figures of each freeze as bars. */

import type { Panel } from '@froyolo/report';
import type { ArmResult, FreezeSummary, Spread } from '../../result-types.js';
import { formatDuration, formatMap, formatMemory } from '../../words.js';
import { colorScale, labelOf } from './colors.js';

const WIDTH = 165;
const BAR = 34;
/** Room to the right of the longest bar for its figure. */
const ROOM = 1.55;

export function summaryPanels(summary: readonly FreezeSummary[], arms: readonly ArmResult[]): Panel[] {
  const panel = (
    title: string,
    pick: (one: FreezeSummary) => Spread,
    format: (value: number) => string,
    isFirst = false,
  ) => barPanel(title, summary, arms, pick, format, isFirst);
  return [
    panel('best mAP50-95', ({ mAP50_95 }) => mAP50_95, formatMap, true),
    panel('time of a run', ({ seconds }) => seconds, formatDuration),
    panel(
      'training, images/s',
      ({ imagesPerSecond }) => imagesPerSecond,
      (rate) => rate.toFixed(1),
    ),
    panel('peak memory', ({ peakMemory }) => peakMemory, formatMemory),
  ];
}

function barPanel(
  title: string,
  summary: readonly FreezeSummary[],
  arms: readonly ArmResult[],
  pick: (one: FreezeSummary) => Spread,
  format: (value: number) => string,
  isFirst: boolean,
): Panel {
  const rows = summary.map((one) => {
    const { mean, deviation = 0 } = pick(one);
    return {
      freeze: labelOf(one.freeze),
      value: mean,
      low: mean - deviation,
      high: mean + deviation,
      text: format(mean),
    };
  });
  const greatest = Math.max(...rows.map(({ high }) => high)) || 1;
  const y = {
    field: 'freeze',
    type: 'nominal',
    sort: null,
    title: null,
    axis: isFirst ? { domain: false, ticks: false, labelFontSize: 13, labelPadding: 8 } : null,
  } as const;
  const scale = { domain: [0, greatest * ROOM], nice: false };
  const x = { field: 'value', type: 'quantitative', title: null, axis: null, scale } as const;
  const hasDeviation = summary.some((one) => pick(one).deviation !== undefined);
  return {
    title: { text: title, fontSize: 13 },
    width: WIDTH,
    height: BAR * rows.length,
    data: { values: rows },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.7 } },
        encoding: {
          x,
          y,
          color: { field: 'freeze', type: 'nominal', scale: colorScale(arms), legend: null },
        },
      },
      ...(hasDeviation
        ? [
            {
              mark: { type: 'rule', strokeWidth: 1.5, color: '#1f2328' },
              encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y },
            } as const,
          ]
        : []),
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12, color: '#1f2328' },
        encoding: { x: { ...x, field: 'high' }, y, text: { field: 'text' } },
      },
    ],
  };
}
