import { FroyoloError } from '@froyolo/errors';

/** A setting that is missing, unknown, or has a value that it can't have. */
export class SettingsError extends FroyoloError {
  override name = 'SettingsError';
  override readonly code = 'ERR_SETTINGS';
  /** Name of the setting, such as `batchSize`. */
  readonly setting: string;
  /** The file that the value is from; absent if a program or a command line gave it. */
  readonly file: string | undefined;

  constructor(setting: string, what: string, file?: string) {
    super(`${file === undefined ? '' : `${file}: `}${setting}: ${what}`, { what, where: file ?? setting });
    this.setting = setting;
    this.file = file;
  }
}
