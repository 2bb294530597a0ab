import { FroyoloError } from '@froyolo/errors';

/** Base of every error this package throws on purpose; catch it to tell bad data from a bug. */
export class DataError extends FroyoloError {
  override name = 'DataError';
  override readonly code: string = 'ERR_DATA';
}

const placeOf = (file: string, line: number | undefined) => (line === undefined ? file : `${file}:${line}`);

/** Something wrong in a file, at a line that counts from 1 if it has one. */
abstract class FileError extends DataError {
  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
  ) {
    super(`${placeOf(file, line)}: ${reason}`, { what: reason, where: placeOf(file, line) });
  }
}

/** A YAML file (dataset or hyperparameters) that can't be used; the message names file, line and key. */
export class ConfigError extends FileError {
  override name = 'ConfigError';
  override readonly code = 'ERR_CONFIG';
}

/** A label or annotation file with a bad line. `line` counts from 1. */
export class LabelError extends FileError {
  override name = 'LabelError';
  override readonly code: string = 'ERR_LABEL';
}

/** A label whose class the dataset doesn't name. */
export class ClassError extends LabelError {
  override name = 'ClassError';
  override readonly code = 'ERR_CLASS';

  constructor(
    file: string,
    line: number | undefined,
    readonly classIndex: number,
    numClasses: number,
  ) {
    super(file, line, `class ${classIndex} is not one of the ${numClasses} classes 0 to ${numClasses - 1}`);
  }
}

/** An image that can't be read, decoded or written. */
export class ImageError extends DataError {
  override name = 'ImageError';
  override readonly code = 'ERR_IMAGE';

  constructor(
    readonly file: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${reason}`, { what: reason, where: file, ...options });
  }
}

/** A dataset that can't be opened: a missing folder, no images, a split that isn't named. */
export class DatasetError extends DataError {
  override name = 'DatasetError';
  override readonly code = 'ERR_DATASET';
}
