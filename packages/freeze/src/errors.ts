import { FroyoloError } from '@froyolo/errors';

/** A flag of the three that choose parameters. */
export type SelectingFlag = 'freeze' | 'unfreeze' | 'lr-scale';

/** An invalid selector; the message names it and lists the valid choices. */
export class FreezeError extends FroyoloError {
  override name = 'FreezeError';
  override readonly code = 'ERR_FREEZE';
  /** The part of `--freeze`, `--unfreeze` or `--lr-scale` at fault, as written. */
  readonly selector: string;
  /** What is wrong with it. */
  readonly problem: string;

  constructor(selector: string, problem: string, flag: SelectingFlag = 'freeze') {
    super(`${flag} "${selector}": ${problem}`, { what: problem, where: `${flag} "${selector}"` });
    this.selector = selector;
    this.problem = problem;
  }

  /** What `make` gives, or its `FreezeError` told of a term of another flag that holds the selector. */
  static within<T>(text: string, flag: SelectingFlag, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw error instanceof FreezeError ? new FreezeError(text, error.problem, flag) : error;
    }
  }
}
