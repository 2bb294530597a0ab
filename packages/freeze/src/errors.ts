/** A freeze that can't be meant as written; the message names the selector and what there is to choose from. */
export class FreezeError extends Error {
  override name = 'FreezeError';
  /** The part of `--freeze` at fault, as written. */
  readonly selector: string;

  constructor(selector: string, problem: string) {
    super(`freeze "${selector}": ${problem}`);
    this.selector = selector;
  }
}
