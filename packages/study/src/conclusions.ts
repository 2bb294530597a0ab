/**
 * What the figures of a study say, as facts that any language can tell. Accuracy is mAP50-95 of the best epoch. A
 * difference of two means counts as chance when it isn't larger than twice its standard error, which the deviations over
 * the seeds give.
 */
import type { ArmResult, FreezeSummary, Spread } from './result-types.js';

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

/** Means of a freeze: mAP50-95, seconds of wall time, bytes. */
export interface Means {
  readonly freeze: string;
  readonly accuracy: number;
  readonly seconds: number;
  readonly memory: number;
}

/** Why two freezes count as equally accurate; without seeds to tell, because the difference is small. */
export interface Chance {
  readonly difference: number;
  readonly twiceError: number;
}

/** A freeze beside the chosen one: `time` and `memory` are shares of what that takes. */
interface Other {
  readonly freeze: string;
  readonly than: string;
  readonly time: number;
  readonly memory: number;
  readonly accuracy: number;
}

/** What a freeze that is less accurate is good for; `reached` is what the chosen one had reached in its time. */
export type Verdict =
  | { readonly kind: 'saves nothing' | 'too little' | 'short memory' | 'short time' }
  | {
      readonly kind:
        | 'short memory, not time'
        | 'not worth it'
        | 'short time, less reached'
        | 'short time or memory, less reached';
      readonly seconds: number;
      readonly reached: number;
    };

export type Conclusion =
  | { readonly kind: 'none finished' }
  | { readonly kind: 'nothing learned'; readonly freezes: number; readonly accuracy: number }
  | ({ readonly kind: 'only one' | 'most accurate' } & Means)
  | ({
      readonly kind: 'as accurate';
      readonly best: { readonly freeze: string; readonly accuracy: number; readonly time: number };
      readonly chance: Chance | undefined;
    } & Means)
  | ({ readonly kind: 'equal'; readonly chance: Chance | undefined } & Other)
  | ({
      readonly kind: 'less accurate';
      readonly lost: number;
      /** Share of the accuracy. */
      readonly kept: number;
      readonly verdict: Verdict;
    } & Other)
  | { readonly kind: 'ran once' | 'still rising'; readonly freezes: readonly string[] }
  | { readonly kind: 'unfinished'; readonly runs: number; readonly of: number };

/**
 * The choice, costs and savings of the other freezes, and the limits of the figures.
 * @param summary of finished runs
 * @param arms all runs of the study, also those that aren't finished
 */
export function conclude(summary: readonly FreezeSummary[], arms: readonly ArmResult[]): Conclusion[] {
  if (summary.length === 0) return [{ kind: 'none finished' }];
  const best = summary.reduce((a, b) => (b.mAP50_95.mean > a.mAP50_95.mean ? b : a));
  const accuracy = best.mAP50_95.mean;
  if (accuracy < LEARNED)
    return [{ kind: 'nothing learned', freezes: summary.length, accuracy }, ...unfinished(arms)];
  const equal = summary.filter((one) => one === best || !isDifferent(one, best));
  const choice = equal.reduce((a, b) => (b.seconds.mean < a.seconds.mean ? b : a));
  const others = summary.filter((one) => one !== choice);
  return [
    chosen(choice, best, summary.length),
    ...others.map((other) => beside(other, choice, arms)),
    ...caveats(summary, arms),
  ];
}

const meansOf = ({ freeze, mAP50_95, seconds, peakMemory }: FreezeSummary): Means => ({
  freeze,
  accuracy: mAP50_95.mean,
  seconds: seconds.mean,
  memory: peakMemory.mean,
});

function chosen(choice: FreezeSummary, best: FreezeSummary, count: number): Conclusion {
  const means = meansOf(choice);
  if (count === 1) return { kind: 'only one', ...means };
  if (choice === best) return { kind: 'most accurate', ...means };
  const { freeze, accuracy } = meansOf(best);
  const time = ratio(best.seconds, choice.seconds);
  return { kind: 'as accurate', ...means, best: { freeze, accuracy, time }, chance: chanceOf(choice, best) };
}

function chanceOf(a: FreezeSummary, b: FreezeSummary): Chance | undefined {
  const error = standardError(a.mAP50_95, b.mAP50_95, a.runs, b.runs);
  return error === undefined ? undefined : { difference: Math.abs(difference(a, b)), twiceError: 2 * error };
}

function beside(one: FreezeSummary, choice: FreezeSummary, arms: readonly ArmResult[]): Conclusion {
  const other = {
    freeze: one.freeze,
    than: choice.freeze,
    time: ratio(one.seconds, choice.seconds),
    memory: ratio(one.peakMemory, choice.peakMemory),
    accuracy: one.mAP50_95.mean,
  };
  if (!isDifferent(one, choice)) return { kind: 'equal', ...other, chance: chanceOf(one, choice) };
  const kept = other.accuracy / choice.mAP50_95.mean;
  const lost = -difference(one, choice);
  return { kind: 'less accurate', ...other, lost, kept, verdict: verdictOf(one, choice, kept, arms) };
}

/** Judges saved time by the accuracy that the better freeze had reached in that time. */
function verdictOf(
  other: FreezeSummary,
  choice: FreezeSummary,
  kept: number,
  arms: readonly ArmResult[],
): Verdict {
  const time = ratio(other.seconds, choice.seconds);
  const savesMemory = ratio(other.peakMemory, choice.peakMemory) <= CHEAPER;
  if (time > CHEAPER && !savesMemory) return { kind: 'saves nothing' };
  if (kept < USEFUL) return { kind: 'too little' };
  if (time > CHEAPER) return { kind: 'short memory' };
  const seconds = other.seconds.mean;
  const reached = accuracyAt(choice.freeze, seconds, arms);
  if (reached === undefined) return { kind: 'short time' };
  if (reached > other.mAP50_95.mean)
    return { kind: savesMemory ? 'short memory, not time' : 'not worth it', seconds, reached };
  const kind = savesMemory ? 'short time or memory, less reached' : 'short time, less reached';
  return { kind, seconds, reached };
}

/** The mean over the seeds of the best mAP50-95 that a freeze had by a time; nothing before its first epoch. */
function accuracyAt(freeze: string, seconds: number, arms: readonly ArmResult[]): number | undefined {
  const reached = arms
    .filter((arm) => arm.freeze === freeze && arm.status === 'finished')
    .map(({ epochs }) => epochs.filter(({ elapsed }) => elapsed <= seconds).map((epoch) => epoch.mAP50_95));
  if (reached.length === 0 || reached.some((values) => values.length === 0)) return undefined;
  return reached.reduce((sum, values) => sum + Math.max(...values), 0) / reached.length;
}

function caveats(summary: readonly FreezeSummary[], arms: readonly ArmResult[]): Conclusion[] {
  const single = summary.length > 1 ? summary.filter(({ runs }) => runs === 1) : [];
  return [
    ...aboutSome('ran once', single),
    ...aboutSome(
      'still rising',
      summary.filter((one) => isRising(one, arms)),
    ),
    ...unfinished(arms),
  ];
}

const aboutSome = (kind: 'ran once' | 'still rising', some: readonly FreezeSummary[]): Conclusion[] =>
  some.length === 0 ? [] : [{ kind, freezes: some.map(({ freeze }) => freeze) }];

function unfinished(arms: readonly ArmResult[]): Conclusion[] {
  const open = arms.filter(({ status }) => status !== 'finished').length;
  return open > 0 ? [{ kind: 'unfinished', runs: open, of: arms.length }] : [];
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

function ratio(a: Spread, b: Spread): number {
  return a.mean / b.mean;
}
