import { FroyoloError } from '@froyolo/errors';

/** An architecture that can't be read or built; the message starts with `file:line`. */
export class ModelYamlError extends FroyoloError {
  override name = 'ModelYamlError';
  override readonly code = 'ERR_MODEL_YAML';
  readonly fileName: string;
  /** Line of the YAML, counted from 1; undefined if the architecture was given as an object. */
  readonly line?: number;

  constructor(problem: string, place: { fileName: string; line?: number }) {
    const where = `${place.fileName}${place.line === undefined ? '' : `:${place.line}`}`;
    super(`${where}: ${problem}`, { what: problem, where });
    this.fileName = place.fileName;
    this.line = place.line;
  }
}
