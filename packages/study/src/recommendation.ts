/**
 * What the figures of a study say, in words. Accuracy is mAP50-95 of the best epoch. A difference of two means counts as
 * chance when it isn't larger than twice its standard error, which the deviations over the seeds give.
 */
import type { ArmResult, FreezeSummary, Spread } from './result-types.js';
import { formatDuration, formatMap, formatMemory, formatPercent } from './words.js';

/** With one seed nothing is known of chance: differences below this are not taken for any. */
const SMALL = 0.005;
/** A freeze is cheaper when it needs no more than this share of the time or of the memory. */
const CHEAPER = 0.9;
/** A freeze that keeps less of the accuracy than this is not a choice. */
const USEFUL = 0.5;
/** mAP50-95 below this comes out of chance: whatever has no more has learned nothing. */
const LEARNED = 0.01;
/** A best epoch in this last part of the training says that more epochs would have been better. */
const LAST_PART = 0.1;

/**
 * Sentences: the choice, costs and savings of the other freezes, and the limits of the figures.
 * @param summary of finished runs
 * @param arms all runs of the study, also those that aren't finished
 */
export function recommend(summary: readonly FreezeSummary[], arms: readonly ArmResult[]): string[] {
  if (summary.length === 0) return ['No run is finished yet, so there is nothing to recommend.'];
  const best = summary.reduce((a, b) => (b.mAP50_95.mean > a.mAP50_95.mean ? b : a));
  if (best.mAP50_95.mean < LEARNED) return [nothingLearned(best, summary.length), ...openRuns(arms)];
  const equal = summary.filter((one) => one === best || !isDifferent(one, best));
  const choice = equal.reduce((a, b) => (b.seconds.mean < a.seconds.mean ? b : a));
  const others = summary.filter((one) => one !== choice);
  return [
    sentenceOfChoice(choice, best, summary.length),
    ...others.map((other) => sentenceOfOther(other, choice, arms)),
    ...caveats(summary, arms),
  ];
}

function nothingLearned({ mAP50_95 }: FreezeSummary, count: number): string {
  const who = count === 1 ? 'The one freeze that is finished has' : `None of ${count} freezes has`;
  const learned = count === 1 ? 'learned nothing' : 'learned anything';
  return `${who} ${learned} (mAP50-95 ${formatMap(mAP50_95.mean)} at best), so there is nothing to recommend: train longer (--epochs), start from weights that know more, or look at the data (froyolo data check).`;
}

function sentenceOfChoice(choice: FreezeSummary, best: FreezeSummary, count: number): string {
  const figures = `mAP50-95 ${formatMap(choice.mAP50_95.mean)} in ${formatDuration(choice.seconds.mean)} with ${formatMemory(choice.peakMemory.mean)}`;
  if (count === 1) return `Only freeze ${choice.freeze} is finished: ${figures}.`;
  if (choice === best) return `Recommended: freeze ${choice.freeze}, the most accurate: ${figures}.`;
  return (
    `Recommended: freeze ${choice.freeze}: ${figures}. ` +
    `Freeze ${best.freeze} has ${formatMap(best.mAP50_95.mean)}, ${whyEqual(choice, best)}, and takes ${times(best.seconds, choice.seconds)} as long.`
  );
}

function whyEqual(a: FreezeSummary, b: FreezeSummary): string {
  const error = standardError(a.mAP50_95, b.mAP50_95, a.runs, b.runs);
  return error === undefined
    ? 'a difference too small to matter'
    : `a difference that the deviation of the seeds explains (${formatMap(Math.abs(difference(a, b)))}, twice its standard error is ${formatMap(2 * error)})`;
}

function sentenceOfOther(other: FreezeSummary, choice: FreezeSummary, arms: readonly ArmResult[]): string {
  const name = `Freeze ${other.freeze}`;
  const cost = `${share(other.seconds, choice.seconds, 'time')} and ${share(other.peakMemory, choice.peakMemory, 'memory')} of freeze ${choice.freeze}`;
  if (!isDifferent(other, choice))
    return `${name} takes ${cost} for an accuracy that can't be told apart (${formatMap(other.mAP50_95.mean)}; ${whyEqual(other, choice)}).`;
  const kept = other.mAP50_95.mean / choice.mAP50_95.mean;
  const lost = `${name} takes ${cost} and loses ${formatMap(-difference(other, choice))} mAP50-95: it keeps ${formatPercent(kept)}`;
  if (!isCheaper(other, choice)) return `${lost}. It saves nothing, so there is no reason for it here.`;
  if (kept < USEFUL) return `${lost}, too little for what it saves.`;
  return `${lost}. ${whenCheaper(other, choice, arms)}`;
}

/** Whether the saved time is worth it, judged by the accuracy that the better freeze had reached in that time. */
function whenCheaper(other: FreezeSummary, choice: FreezeSummary, arms: readonly ArmResult[]): string {
  const saves = ratio(other.peakMemory, choice.peakMemory) <= CHEAPER;
  const reached = accuracyAt(choice.freeze, other.seconds.mean, arms);
  if (ratio(other.seconds, choice.seconds) > CHEAPER) return 'It is the choice where memory is short.';
  if (reached === undefined) return 'It is the choice where time is short.';
  const inThatTime = `in its ${formatDuration(other.seconds.mean)} freeze ${choice.freeze} had reached ${formatMap(reached)}`;
  if (reached > other.mAP50_95.mean)
    return saves
      ? `It is the choice where memory is short; for time alone it is not: ${inThatTime}, which is more.`
      : `It is not worth it: ${inThatTime}, which is more.`;
  return `It is the choice where time${saves ? ' or memory' : ''} is short: ${inThatTime}, which is less.`;
}

/** The mean over the seeds of the best mAP50-95 that a freeze had by a time; nothing before its first epoch. */
function accuracyAt(freeze: string, seconds: number, arms: readonly ArmResult[]): number | undefined {
  const reached = arms
    .filter((arm) => arm.freeze === freeze && arm.status === 'finished')
    .map(({ epochs }) => epochs.filter(({ elapsed }) => elapsed <= seconds).map((epoch) => epoch.mAP50_95));
  if (reached.length === 0 || reached.some((values) => values.length === 0)) return undefined;
  return reached.reduce((sum, values) => sum + Math.max(...values), 0) / reached.length;
}

function caveats(summary: readonly FreezeSummary[], arms: readonly ArmResult[]): string[] {
  const single = summary.filter(({ runs }) => runs === 1);
  const rising = summary.filter((one) => isRising(one, arms));
  const names = (list: readonly FreezeSummary[]) => list.map(({ freeze }) => freeze).join(', ');
  return [
    ...(single.length > 0 && summary.length > 1
      ? [`Freeze ${names(single)} ran only once, so small differences may be chance: more seeds would tell.`]
      : []),
    ...(rising.length > 0
      ? [`The best epoch of freeze ${names(rising)} is at the very end: more epochs would probably help.`]
      : []),
    ...openRuns(arms),
  ];
}

function openRuns(arms: readonly ArmResult[]): string[] {
  const open = arms.filter(({ status }) => status !== 'finished').length;
  return open > 0 ? [`${open} of ${arms.length} runs are not finished; these figures leave them out.`] : [];
}

function isRising({ freeze, bestEpoch }: FreezeSummary, arms: readonly ArmResult[]): boolean {
  const epochs = Math.max(...arms.filter((arm) => arm.freeze === freeze).map((arm) => arm.epochs.length));
  return bestEpoch.mean > epochs * (1 - LAST_PART);
}

/** Whether two freezes differ in accuracy by more than chance. */
export function isDifferent(a: FreezeSummary, b: FreezeSummary): boolean {
  const error = standardError(a.mAP50_95, b.mAP50_95, a.runs, b.runs);
  return Math.abs(difference(a, b)) > (error === undefined ? SMALL : 2 * error);
}

function difference(a: FreezeSummary, b: FreezeSummary): number {
  return a.mAP50_95.mean - b.mAP50_95.mean;
}

/** Standard error of the difference of two means; unknown if one has no deviation. */
function standardError(a: Spread, b: Spread, runsA: number, runsB: number): number | undefined {
  if (a.deviation === undefined || b.deviation === undefined) return undefined;
  return Math.sqrt(a.deviation ** 2 / runsA + b.deviation ** 2 / runsB);
}

function isCheaper(a: FreezeSummary, b: FreezeSummary): boolean {
  return Math.min(ratio(a.seconds, b.seconds), ratio(a.peakMemory, b.peakMemory)) <= CHEAPER;
}

function ratio(a: Spread, b: Spread): number {
  return a.mean / b.mean;
}

/** `48 % of the time`, `2.1 times the time`. */
function share(a: Spread, b: Spread, what: string): string {
  const value = ratio(a, b);
  return value < 1.1 ? `${formatPercent(value)} of the ${what}` : `${times(a, b)} the ${what}`;
}

function times(a: Spread, b: Spread): string {
  return `${ratio(a, b).toFixed(1)} times`;
}
