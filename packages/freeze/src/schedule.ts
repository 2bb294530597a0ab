/** Gradual unfreezing: parses `--unfreeze` into stages. */
import { FreezeError } from './errors.js';
import type { NamedParameter, Sections } from './match.js';
import { type FreezePolicy, resolveFreeze } from './policy.js';
import { type FreezeSelector, joinedTerms, parseFreeze, wordsOf } from './selector.js';

/** One term of `--unfreeze`. */
export interface UnfreezeStep {
  /** As written. */
  readonly text: string;
  /** What stays frozen. */
  readonly selector: FreezeSelector;
  /** The first epoch of the stage, counted from 0: the number of epochs done before it. */
  readonly epoch: number;
}

/** A part of a training in which the same is frozen. */
export interface FreezeStage {
  /** Its first epoch, from 0. */
  readonly epoch: number;
  readonly policy: FreezePolicy;
}

/**
 * Parses what follows `--unfreeze`: terms `FREEZE:EPOCH` separated by spaces or commas. After that number of epochs only
 * `FREEZE` is frozen: a term as after `--freeze` (`10`, `backbone`), or several with `+` between (`0-4+model.9`).
 *
 * Throws a `FreezeError` naming the term that is none, or whose epoch isn't later than the one before.
 */
export function parseUnfreeze(args: readonly string[]): UnfreezeStep[] {
  const steps = wordsOf(args.join(' ')).map(parseStep);
  steps.forEach(({ text, epoch }, i) => {
    const before = steps[i - 1];
    if (epoch === 0)
      throw new FreezeError(text, 'epochs count from 0, and freeze says what is frozen then', 'unfreeze');
    if (before && epoch <= before.epoch)
      throw new FreezeError(text, `does not come after "${before.text}"; epochs must ascend`, 'unfreeze');
  });
  return steps;
}

function parseStep(text: string): UnfreezeStep {
  const match = /^(.+):(\d+)$/.exec(text);
  if (!match) throw new FreezeError(text, 'is not FREEZE:EPOCH, such as 10:20', 'unfreeze');
  const [, freeze = '', epoch = ''] = match;
  const selector = FreezeError.within(text, 'unfreeze', () => parseFreeze(joinedTerms(freeze)));
  return { text, selector, epoch: Number(epoch) };
}

/**
 * The stages of a training that begins with `first`, which is the first of them.
 * Throws a `FreezeError` naming the step that means nothing in this list, that frees nothing, or that would freeze again
 * what is trained before it.
 */
export function resolveStages(
  first: FreezePolicy,
  steps: readonly UnfreezeStep[],
  parameters: readonly NamedParameter[],
  sections: Sections = {},
): [FreezeStage, ...FreezeStage[]] {
  const stages: [FreezeStage, ...FreezeStage[]] = [{ epoch: 0, policy: first }];
  let before = first;
  for (const { text, selector, epoch } of steps) {
    const policy = FreezeError.within(text, 'unfreeze', () =>
      resolveFreeze(selector, parameters, { freezeBn: first.freezeBn, sections }),
    );
    checkFreed(before, policy, text);
    stages.push({ epoch, policy });
    before = policy;
  }
  return stages;
}

function checkFreed(before: FreezePolicy, { frozen, label }: FreezePolicy, text: string): void {
  if (before.frozen.size === 0)
    throw new FreezeError(text, 'nothing is left to unfreeze before it', 'unfreeze');
  const again = [...frozen].filter((name) => !before.frozen.has(name));
  if (again.length > 0) {
    const names = `${again.slice(0, 3).join(', ')}${again.length > 3 ? ', …' : ''}`;
    throw new FreezeError(
      text,
      `would freeze what is trained before it, where freeze is ${before.label}: ${names}`,
      'unfreeze',
    );
  }
  if (frozen.size === before.frozen.size)
    throw new FreezeError(
      text,
      `unfreezes nothing: freeze ${label} is the same as freeze ${before.label} before it`,
      'unfreeze',
    );
}

/** Index of the stage that an epoch (from 0) belongs to. */
export function stageIndex(stages: readonly FreezeStage[], epoch: number): number {
  return stages.filter((stage) => stage.epoch <= epoch).length - 1;
}
