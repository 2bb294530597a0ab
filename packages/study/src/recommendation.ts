/** What a study concludes, in English. */
import { type Chance, type Conclusion, conclude, type Means, type Verdict } from './conclusions.js';
import type { ArmResult, FreezeSummary } from './result-types.js';
import { formatDuration, formatMap, formatMemory, formatPercent } from './words.js';

/** Sentences: the choice, costs and savings of the other freezes, and the limits of the figures. */
export const recommend = (summary: readonly FreezeSummary[], arms: readonly ArmResult[]): string[] =>
  conclude(summary, arms).map(sentenceOf);

/** A conclusion as a sentence or two. */
export function sentenceOf(conclusion: Conclusion): string {
  switch (conclusion.kind) {
    case 'none finished':
      return 'No run is finished yet, so there is nothing to recommend.';
    case 'nothing learned':
      return nothingLearned(conclusion);
    case 'only one':
      return `Only freeze ${conclusion.freeze} is finished: ${figures(conclusion)}.`;
    case 'most accurate':
      return `Recommended: freeze ${conclusion.freeze}, the most accurate: ${figures(conclusion)}.`;
    case 'as accurate':
      return asAccurate(conclusion);
    case 'equal':
      return `Freeze ${conclusion.freeze} takes ${cost(conclusion)} for an accuracy that can't be told apart (${formatMap(conclusion.accuracy)}; ${whyEqual(conclusion.chance)}).`;
    case 'less accurate':
      return lessAccurate(conclusion);
    case 'ran once':
      return `Freeze ${conclusion.freezes.join(', ')} ran only once, so small differences may be chance: more seeds would tell.`;
    case 'still rising':
      return `The best epoch of freeze ${conclusion.freezes.join(', ')} is at the very end: more epochs would probably help.`;
    case 'unfinished':
      return `${conclusion.runs} of ${conclusion.of} runs are not finished; these figures leave them out.`;
  }
}

type Of<K extends Conclusion['kind']> = Extract<Conclusion, { readonly kind: K }>;

function nothingLearned({ freezes, accuracy }: Of<'nothing learned'>): string {
  const who = freezes === 1 ? 'The one freeze that is finished has' : `None of ${freezes} freezes has`;
  const learned = freezes === 1 ? 'learned nothing' : 'learned anything';
  return `${who} ${learned} (mAP50-95 ${formatMap(accuracy)} at best), so there is nothing to recommend: train longer (--epochs), start from weights that know more, or look at the data (froyolo data check).`;
}

const figures = ({ accuracy, seconds, memory }: Means): string =>
  `mAP50-95 ${formatMap(accuracy)} in ${formatDuration(seconds)} with ${formatMemory(memory)}`;

function asAccurate(conclusion: Of<'as accurate'>): string {
  const { freeze, best, chance } = conclusion;
  return (
    `Recommended: freeze ${freeze}: ${figures(conclusion)}. ` +
    `Freeze ${best.freeze} has ${formatMap(best.accuracy)}, ${whyEqual(chance)}, and takes ${times(best.time)} as long.`
  );
}

const whyEqual = (chance: Chance | undefined): string =>
  chance === undefined
    ? 'a difference too small to matter'
    : `a difference that the deviation of the seeds explains (${formatMap(chance.difference)}, twice its standard error is ${formatMap(chance.twiceError)})`;

const cost = ({ time, memory, than }: Of<'equal'> | Of<'less accurate'>) =>
  `${share(time, 'time')} and ${share(memory, 'memory')} of freeze ${than}`;

function lessAccurate(conclusion: Of<'less accurate'>): string {
  const { freeze, lost, kept, than, verdict } = conclusion;
  const what = `Freeze ${freeze} takes ${cost(conclusion)} and loses ${formatMap(lost)} mAP50-95: it keeps ${formatPercent(kept)}`;
  return `${what}${verdictInWords(verdict, than)}`;
}

function verdictInWords(verdict: Verdict, than: string): string {
  switch (verdict.kind) {
    case 'saves nothing':
      return '. It saves nothing, so there is no reason for it here.';
    case 'too little':
      return ', too little for what it saves.';
    case 'short memory':
      return '. It is the choice where memory is short.';
    case 'short time':
      return '. It is the choice where time is short.';
    default: {
      const { kind, seconds, reached } = verdict;
      const inThatTime = `in its ${formatDuration(seconds)} freeze ${than} had reached ${formatMap(reached)}`;
      return `. ${TIMED[kind](inThatTime)}`;
    }
  }
}

const TIMED = {
  'short memory, not time': (inThatTime: string) =>
    `It is the choice where memory is short; for time alone it is not: ${inThatTime}, which is more.`,
  'not worth it': (inThatTime: string) => `It is not worth it: ${inThatTime}, which is more.`,
  'short time, less reached': (inThatTime: string) =>
    `It is the choice where time is short: ${inThatTime}, which is less.`,
  'short time or memory, less reached': (inThatTime: string) =>
    `It is the choice where time or memory is short: ${inThatTime}, which is less.`,
};

/** `48 % of the time`, `2.1 times the time`. */
const share = (value: number, what: string): string =>
  value < 1.1 ? `${formatPercent(value)} of the ${what}` : `${times(value)} the ${what}`;

const times = (value: number): string => `${value.toFixed(1)} times`;
