/** A kind of input that is damaged at random. */
export interface FuzzKind {
  readonly name: string;
  /** Name of the damaged file: every error must hold it. */
  readonly file: string;
  /** Whole inputs that damage starts from. */
  seeds(): Promise<readonly Uint8Array[]>;
  /** Texts that are put in at random places, beside those of all kinds. */
  readonly tokens?: readonly string[];
  /**
   * Gives the damaged file to the program. Returning is fine: the input was used, or left out with a warning.
   * @param folder an empty one, which holds the file already
   */
  run(folder: string, bytes: Uint8Array): Promise<void>;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
