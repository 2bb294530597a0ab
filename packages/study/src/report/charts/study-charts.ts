/** The charts of a study. */

import type { Panel, TopLevelSpec } from '@froyolo/report';
import type { ArmResult, EpochResult, StudyResults } from '../../result-types.js';
import { formatMap } from '../../words.js';
import { linePanel, type Point, type RunLine } from './panel.js';
import { resourcePanels } from './resources.js';
import { summaryPanels } from './summary-bars.js';
import { timeUnit } from './time.js';

export interface StudyChart {
  /** Name of its files. */
  readonly name: string;
  readonly title: string;
  /** How to read it. */
  readonly text: string;
  readonly spec: TopLevelSpec;
}

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
const HALF = { width: 330, height: 260 };
const SEEDS = 'Bold: mean over the seeds; thin: each run.';

/** The charts for which there is data. */
export function studyCharts(results: StudyResults): StudyChart[] {
  const arms = results.arms.filter(({ epochs }) => epochs.length > 0);
  if (arms.length === 0) return [];
  const sampled = arms.filter(({ samples }) => samples.length > 0);
  return [
    ...(results.summary.length > 0 ? [summaryChart(results)] : []),
    accuracyChart(arms, results.arms),
    lossChart(arms, results.arms),
    tradeOffChart(arms, results.arms),
    ...(sampled.length > 0 ? [resourceChart(sampled, results)] : []),
  ];
}

function summaryChart({ summary, arms }: StudyResults): StudyChart {
  return {
    name: 'summary',
    title: 'At a glance',
    text: 'Means over the finished runs of each freeze; the black lines are one standard deviation to each side.',
    spec: { $schema: SCHEMA, spacing: 28, hconcat: summaryPanels(summary, arms) },
  };
}

function accuracyChart(arms: readonly ArmResult[], all: readonly ArmResult[]): StudyChart {
  const panel = (title: string, pick: (epoch: EpochResult) => number) =>
    linePanel(byEpoch(arms, pick), all, {
      ...HALF,
      title,
      x: 'epoch',
      y: title,
      yFormat: '.3~f',
      fromZero: true,
      wholeX: true,
      yMax: 1,
    });
  return {
    name: 'accuracy',
    title: 'Accuracy by epoch',
    text: `On the validation images, of the averaged weights. ${SEEDS}`,
    spec: {
      $schema: SCHEMA,
      spacing: 24,
      hconcat: [panel('mAP50', ({ mAP50 }) => mAP50), panel('mAP50-95', ({ mAP50_95 }) => mAP50_95)],
    },
  };
}

function lossChart(arms: readonly ArmResult[], all: readonly ArmResult[]): StudyChart {
  const total = (losses: EpochResult['trainLosses']) =>
    Object.values(losses).reduce((sum, loss) => sum + loss, 0);
  const panel = (title: string, pick: (epoch: EpochResult) => number) =>
    linePanel(byEpoch(arms, pick), all, { ...HALF, title, x: 'epoch', y: 'loss', wholeX: true });
  return {
    name: 'loss',
    title: 'Loss by epoch',
    text: `Sum of the loss's terms; training images are augmented, validation images are not. ${SEEDS}`,
    spec: {
      $schema: SCHEMA,
      spacing: 24,
      hconcat: [
        panel('training loss', ({ trainLosses }) => total(trainLosses)),
        panel('validation loss', ({ valLosses }) => total(valLosses)),
      ],
    },
  };
}

function tradeOffChart(arms: readonly ArmResult[], all: readonly ArmResult[]): StudyChart {
  const unit = timeUnit(Math.max(...arms.map(({ seconds }) => seconds)));
  const lines = arms.map(({ freeze, seed, epochs }) => ({
    freeze,
    seed,
    points: bestSoFar(epochs, unit.seconds),
  }));
  const panel: Panel = linePanel(lines, all, {
    width: 620,
    height: 320,
    title: 'best mAP50-95 so far',
    x: `time since the start of the run (${unit.title})`,
    y: 'mAP50-95',
    yFormat: '.3~f',
    fromZero: true,
    yMax: 1,
    dots: true,
    xFromZero: true,
    endText: ({ y }) => formatMap(y),
  });
  return {
    name: 'accuracy-time',
    title: 'Accuracy against wall time',
    text: `What each freeze has reached after a time: the higher line at a time is the better use of it. ${SEEDS}`,
    spec: { $schema: SCHEMA, vconcat: [panel] },
  };
}

function resourceChart(arms: readonly ArmResult[], { machine, arms: all }: StudyResults): StudyChart {
  return {
    name: 'resources',
    title: 'Memory and utilization over time',
    text: `Sampled every second in the process of each run, drawn as means over short spans of time. ${SEEDS}`,
    spec: { $schema: SCHEMA, spacing: 20, vconcat: resourcePanels(arms, all, machine.cores) },
  };
}

function byEpoch(arms: readonly ArmResult[], pick: (epoch: EpochResult) => number): RunLine[] {
  return arms.map(({ freeze, seed, epochs }) => ({
    freeze,
    seed,
    points: epochs.map((epoch) => ({ x: epoch.epoch + 1, y: pick(epoch) })),
  }));
}

function bestSoFar(epochs: readonly EpochResult[], unit: number): Point[] {
  let best = 0;
  return epochs.map(({ elapsed, mAP50_95 }) => {
    best = Math.max(best, mAP50_95);
    return { x: elapsed / unit, y: best };
  });
}
