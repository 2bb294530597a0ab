/** How fit generations were over the values of each hyperparameter. */
import type { Panel, TopLevelSpec } from '../chart.js';

export interface EvolvedGeneration {
  readonly genome: Readonly<Record<string, number | undefined>>;
  readonly fitness: number;
}

const COLUMNS = 5;

/** A panel for each hyperparameter that varies. @param best place of the fittest generation, which is marked */
export function evolveChart(generations: readonly EvolvedGeneration[], best: number): TopLevelSpec {
  const names = Object.keys(generations[0]?.genome ?? {});
  const panels = names.map((name) => panelOf(name, generations, best));
  const rows = Array.from({ length: Math.ceil(panels.length / COLUMNS) }, (_, row) => ({
    hconcat: panels.slice(row * COLUMNS, (row + 1) * COLUMNS),
    spacing: 16,
  }));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: `Fitness over hyperparameters, ${generations.length} generations`,
    spacing: 16,
    vconcat: rows,
  };
}

function panelOf(name: string, generations: readonly EvolvedGeneration[], best: number): Panel {
  const values = generations.map(({ genome, fitness }, generation) => ({
    value: genome[name] ?? 0,
    fitness,
    generation,
    best: generation === best,
  }));
  const winner = values[best]?.value ?? 0;
  return {
    title: { text: `${name} = ${Number(winner.toPrecision(3))}`, fontSize: 11 },
    width: 120,
    height: 100,
    data: { values },
    mark: { type: 'point', filled: true },
    encoding: {
      x: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { zero: false },
        axis: { tickCount: 3, grid: false },
      },
      y: {
        field: 'fitness',
        type: 'quantitative',
        title: null,
        scale: { zero: false },
        axis: { tickCount: 4 },
      },
      color: {
        field: 'best',
        type: 'nominal',
        scale: { domain: [false, true], range: ['#0072b2', '#d55e00'] },
        legend: null,
      },
      size: {
        field: 'best',
        type: 'ordinal',
        scale: { domain: [false, true], range: [24, 90] },
        legend: null,
      },
    },
  };
}
