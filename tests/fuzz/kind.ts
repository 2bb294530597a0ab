/** A kind of input that is damaged at random. */
export interface FuzzKind {
  readonly name: string;
  /** Name of the damaged file: every error must hold it. */
  readonly file: string;
  /**
   * Whole inputs that damage starts from.
   * @param workshop an empty folder, kept until the last input is done
   */
  seeds(workshop: string): Promise<readonly Uint8Array[]>;
  /** Makes the file of a damaged part, where damage is within something that has checksums or lengths. Default: it is the file. */
  wrap?(damaged: Uint8Array): Uint8Array;
  /** Texts that are put in at random places, beside those of all kinds. */
  readonly tokens?: readonly string[];
  /**
   * Gives the damaged file to the program. Returning is fine: the input was used, or left out with a warning.
   * @param folder an empty one, which holds the file already
   * @throws Believed where the program takes for true what isn't
   */
  run(folder: string, bytes: Uint8Array): Promise<void>;
}

/** Something damaged was believed: other labels, features or figures than the true ones, without a word. */
export class Believed extends Error {
  override name = 'Believed';
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
