/** What `--freeze` says, parsed; which parameters that is depends on the model and is `resolveFreeze`'s business. */
import { FreezeError } from './errors.js';

/** One term of a selector. A new kind of term is a new member here, one rule in `TERMS` and one matcher in `match.ts`. */
export type FreezeTerm =
  /** The first `count` layers. */
  | { readonly kind: 'count'; readonly text: string; readonly count: number }
  /** Layers `first` to `last`, both included. */
  | { readonly kind: 'layers'; readonly text: string; readonly first: number; readonly last: number }
  /** A section such as `backbone`, a parameter, a module, or a glob of those. */
  | { readonly kind: 'name'; readonly text: string };

export interface FreezeSelector {
  /** As written. */
  readonly text: string;
  readonly include: readonly FreezeTerm[];
  /** What stays trainable all the same. */
  readonly exclude: readonly FreezeTerm[];
}

const TERMS: readonly [RegExp, (text: string, match: RegExpExecArray) => FreezeTerm][] = [
  [/^(\d+)$/, (text, [, layer]) => ({ kind: 'layers', text, first: Number(layer), last: Number(layer) })],
  [
    /^(\d+)-(\d+)$/,
    (text, [, first, last]) => ({ kind: 'layers', text, first: Number(first), last: Number(last) }),
  ],
  [/^[A-Za-z_*?][\w.*?]*$/, (text) => ({ kind: 'name', text })],
];

/**
 * Parses what follows `--freeze`: terms separated by spaces or commas.
 * - one whole number alone: that many first layers (`10` is layers 0 to 9, `0` freezes nothing)
 * - several whole numbers: those layers; `0-9`: a range, both ends included
 * - `backbone`, `neck`, `head`, a module or parameter name (`model.9`), or a glob in which `*` stands for any
 *   characters, dots too, and `?` for one (`model.*.cv1`, `*.bn.*`)
 * - `!term`: stays trainable
 *
 * Throws a `FreezeError` naming the term that is none of these.
 */
export function parseFreeze(args: readonly (string | number)[]): FreezeSelector {
  const text = args.join(' ');
  const words = wordsOf(text);
  const include = words.filter((word) => !word.startsWith('!')).map(parseTerm);
  const exclude = words.filter((word) => word.startsWith('!')).map((word) => parseTerm(word.slice(1)));
  if (exclude.length > 0 && include.length === 0)
    throw new FreezeError(text, 'only says what stays trainable; name what to freeze first');
  return { text, include: asCount(include), exclude };
}

/** What spaces and commas separate. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** The terms of a selector that is itself a part of a list, such as `0-4+model.9` in `0-4+model.9:20,2:25`. */
export const joinedTerms = (text: string): string[] => text.split('+');

function parseTerm(word: string): FreezeTerm {
  for (const [pattern, make] of TERMS) {
    const match = pattern.exec(word);
    if (match) return checked(make(word, match));
  }
  throw new FreezeError(word, 'is not a count, a layer, a range such as 0-9, or a name');
}

function checked(term: FreezeTerm): FreezeTerm {
  if (term.kind === 'layers' && term.first > term.last)
    throw new FreezeError(term.text, `runs backwards; write ${term.last}-${term.first}`);
  return term;
}

function asCount(terms: readonly FreezeTerm[]): readonly FreezeTerm[] {
  const [only] = terms;
  const alone = terms.length === 1 && /^\d+$/.test(only.text);
  return alone ? [{ kind: 'count', text: only.text, count: Number(only.text) }] : terms;
}
