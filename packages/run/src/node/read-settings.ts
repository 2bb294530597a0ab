/** `args.yaml`, checked like any other file. */
import { ConfigError, LIMITS, parseYaml } from '@froyolo/data';
import { readTextBounded, reasonOf } from '@froyolo/data/node';
import { resolveSettings, SETTINGS, SettingsError, type TrainSettings } from '../settings/index.js';

/**
 * The settings that a run was started with.
 * @throws ConfigError if the file isn't YAML or no list of settings; SettingsError naming file, line and setting
 */
export async function readSettingsFile(file: string): Promise<TrainSettings> {
  const { value, lineOf } = parseYaml(await readText(file), file);
  if (!isRecord(value))
    throw new ConfigError(file, 1, 'holds no settings: a line such as "epochs: 100" for each is expected');
  try {
    return resolveSettings(SETTINGS, 'train', { data: '', ...value }, file);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const line = lineOf([error.setting]);
    throw new SettingsError(error.setting, error.what, line === undefined ? file : `${file}:${line}`);
  }
}

function readText(file: string): Promise<string> {
  return readTextBounded(file, LIMITS.yamlBytes).catch((error: unknown) => {
    throw new ConfigError(file, undefined, `can't be read: ${reasonOf(error)}`);
  });
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
