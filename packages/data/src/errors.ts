/** Base of every error this package throws on purpose; catch it to tell bad data from a bug. */
export class DataError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A YAML file (dataset or hyperparameters) that can't be used; the message names file, line and key. */
export class ConfigError extends DataError {
  constructor(
    readonly file: string,
    readonly line: number | undefined,
    reason: string,
  ) {
    super(`${line === undefined ? file : `${file}:${line}`}: ${reason}`);
  }
}

/** A label or annotation file with a bad line. `line` counts from 1. */
export class LabelError extends DataError {
  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
  ) {
    super(`${line === undefined ? file : `${file}:${line}`}: ${reason}`);
  }
}

/** A label whose class the dataset doesn't name. */
export class ClassError extends LabelError {
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
  constructor(
    readonly file: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${reason}`, options);
  }
}

/** A dataset that can't be opened: a missing folder, no images, a split that isn't named. */
export class DatasetError extends DataError {}
