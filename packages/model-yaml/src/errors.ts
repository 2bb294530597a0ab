/** An architecture that can't be read or built; the message starts with `file:line`. */
export class ModelYamlError extends Error {
  override name = 'ModelYamlError';
  readonly fileName: string;
  /** Line of the YAML, counted from 1; undefined where the architecture was given as an object. */
  readonly line?: number;

  constructor(problem: string, place: { fileName: string; line?: number }) {
    super(`${place.fileName}${place.line === undefined ? '' : `:${place.line}`}: ${problem}`);
    this.fileName = place.fileName;
    this.line = place.line;
  }
}
