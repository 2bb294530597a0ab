/** A setting that is missing, unknown, or has a value that it can't have. */
export class SettingsError extends Error {
  override name = 'SettingsError';

  /** @param setting its name, such as `batchSize` */
  constructor(
    readonly setting: string,
    readonly problem: string,
    where = '',
  ) {
    super(`${where === '' ? '' : `${where}: `}${setting}: ${problem}`);
  }
}
