/** Discriminative learning rates: parses `--lr-scale` and finds its parameters. */
import { FreezeError } from './errors.js';
import { describeLayers, matchSelector, type NamedParameter, type Sections } from './match.js';
import { type FreezeSelector, joinedTerms, parseFreeze, wordsOf } from './selector.js';

/** One term of `--lr-scale`. */
export interface LrScale {
  /** As written. */
  readonly text: string;
  readonly selector: FreezeSelector;
  /** Multiplies the learning rates of the selected parameters. */
  readonly scale: number;
}

/**
 * Parses what follows `--lr-scale`: terms `SELECTOR=FACTOR` separated by spaces or commas. The selector is a term as
 * after `--freeze` (`backbone`, `0-9`, `10` for the first ten layers), or several with `+` between; the factor is more
 * than 0.
 *
 * Throws a `FreezeError` naming the term that is none.
 */
export function parseLrScales(args: readonly string[]): LrScale[] {
  return wordsOf(args.join(' ')).map(parseLrScale);
}

function parseLrScale(text: string): LrScale {
  const match = /^([^=]+)=([^=]+)$/.exec(text);
  if (!match) throw new FreezeError(text, 'is not SELECTOR=FACTOR, such as backbone=0.1', 'lr-scale');
  const [, terms = '', factor = ''] = match;
  const scale = Number(factor);
  if (!(scale > 0) || !Number.isFinite(scale))
    throw new FreezeError(
      text,
      'the factor must be a number above 0; to stop layers from learning, freeze them',
      'lr-scale',
    );
  const selector = FreezeError.within(text, 'lr-scale', () => parseFreeze(joinedTerms(terms)));
  return { text, selector, scale };
}

/** What `--lr-scale` means in a model. */
export interface LrFactors {
  /** Factors of the learning rate by parameter; those that are 1 are left out. */
  readonly factors: ReadonlyMap<string, number>;
  /** A line for each term that matches only parameters that are never trained. */
  readonly warnings: readonly string[];
}

/**
 * Where several terms mean a parameter, the last one counts. Throws a `FreezeError` naming the term that means nothing of
 * the list.
 * @param trained names of parameters that are trained in at least one epoch
 */
export function resolveLrScales(
  scales: readonly LrScale[],
  parameters: readonly NamedParameter[],
  trained: Iterable<string>,
  sections: Sections = {},
): LrFactors {
  const isTrained = new Set(trained);
  const factors = new Map<string, number>();
  const warnings: string[] = [];
  for (const { text, selector, scale } of scales) {
    const matched = FreezeError.within(text, 'lr-scale', () => matchSelector(selector, parameters, sections));
    if (matched.size === 0)
      throw new FreezeError(text, `matches no parameter; ${describeLayers(parameters)}`, 'lr-scale');
    const learning = [...matched].filter((name) => isTrained.has(name));
    if (learning.length === 0)
      warnings.push(`lr-scale "${text}" changes nothing: all its parameters stay frozen`);
    for (const name of learning) factors.set(name, scale);
  }
  return { factors: new Map([...factors].filter(([, factor]) => factor !== 1)), warnings };
}
