/** From generations before to the next one's genome, as YOLOv5 does it. */
import type { Rng } from '@froyolo/data';
import { GENE_NAMES, GENES, type GeneName, type Genome } from './genes.js';

export interface Scored {
  readonly genome: Genome;
  readonly fitness: number;
}

/** Parents are drawn from the best of all generations. */
const PARENTS = 5;
/** Chance that a gene mutates, and its spread. */
const CHANCE = 0.8;
const SPREAD = 0.2;
/** A mutation multiplies a gene by this at least and at most. */
const FACTOR = { low: 0.3, high: 3 } as const;
/** So that the worst of the parents can be drawn too. */
const LEAST_WEIGHT = 1e-6;

/** Mutates a parent: one of the best generations, the fitter the likelier. */
export function nextGenome(generations: readonly Scored[], rng: Rng): Genome {
  const parent = drawParent(generations, rng);
  const names = GENE_NAMES.filter((name) => parent[name] !== undefined);
  const factors = drawFactors(names, rng);
  return withinBounds(
    Object.fromEntries(names.map((name, i) => [name, (parent[name] ?? 0) * (factors[i] ?? 1)])),
  );
}

function drawParent(generations: readonly Scored[], rng: Rng): Genome {
  const best = [...generations].sort((a, b) => b.fitness - a.fitness).slice(0, PARENTS);
  const least = best.at(-1)?.fitness ?? 0;
  const weights = best.map(({ fitness }) => fitness - least + LEAST_WEIGHT);
  let left = rng.random() * weights.reduce((a, b) => a + b, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return (best[index] ?? best[0])?.genome ?? {};
}

/** Draws until something changes. */
function drawFactors(names: readonly GeneName[], rng: Rng): number[] {
  for (;;) {
    const strength = rng.random() * SPREAD;
    const factors = names.map((name) => {
      const mutates = rng.random() < CHANCE ? 1 : 0;
      const factor = GENES[name].gain * mutates * rng.normal() * strength + 1;
      return Math.min(Math.max(factor, FACTOR.low), FACTOR.high);
    });
    if (factors.some((factor) => factor !== 1)) return factors;
  }
}

/** Each gene within its bounds, with five digits behind the point. */
function withinBounds(genome: Genome): Genome {
  const bounded = GENE_NAMES.flatMap((name) => {
    const value = genome[name];
    if (value === undefined) return [];
    const { low, high } = GENES[name];
    return [[name, Number(Math.min(Math.max(value, low), high).toFixed(5))] as const];
  });
  return Object.fromEntries(bounded);
}
