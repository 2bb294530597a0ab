/** One color per freeze, the same in every chart and table. */
import type { Arm } from '../../study.js';

/**
 * Distinct for all common kinds of color blindness, in the order in which they are given out; light ones last.
 * Source: M. Okabe, K. Ito, "Color Universal Design", 2008.
 */
const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'];

/** Freezes in the order of the study. */
export function freezesOf(arms: readonly Pick<Arm, 'freeze'>[]): string[] {
  return [...new Set(arms.map(({ freeze }) => freeze))];
}

export function colorOf(freeze: string, arms: readonly Pick<Arm, 'freeze'>[]): string {
  return PALETTE[freezesOf(arms).indexOf(freeze) % PALETTE.length];
}

/** The scale of Vega-Lite that gives each freeze its color; the values in the charts are the names of `labelOf`. */
export function colorScale(arms: readonly Pick<Arm, 'freeze'>[]) {
  const freezes = freezesOf(arms);
  return { domain: freezes.map(labelOf), range: freezes.map((freeze) => colorOf(freeze, arms)) };
}

export function labelOf(freeze: string): string {
  return `freeze ${freeze}`;
}
