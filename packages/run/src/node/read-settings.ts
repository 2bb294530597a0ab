/** `args.yaml` and `hyp.yaml` of a run, checked like any other file. */
import { ConfigError, type Hyperparameters, LIMITS, parseHyp, parseYaml } from '@froyolo/data';
import { readTextBounded, reasonOf } from '@froyolo/data/node';
import { resolveSettings, rowsIn, SETTINGS, SettingsError, type TrainSettings } from '../settings/index.js';
import { sameValue } from '../settings/same-value.js';

/** What a file says, and the names of what it should say and doesn't: a part of it is lost. */
interface Filled<T> {
  readonly values: T;
  readonly missing: readonly string[];
}

/**
 * The settings that a run was started with.
 * @param known the settings in the run's checkpoint, for those that the file lacks
 * @throws ConfigError if the file isn't YAML or no list of settings; SettingsError naming file, line and setting
 */
export async function readSettingsFile(file: string, known?: TrainSettings): Promise<Filled<TrainSettings>> {
  const { value, lineOf } = parseYaml(await readText(file), file);
  if (!isRecord(value))
    throw new ConfigError(file, 1, 'holds no settings: a line such as "epochs: 100" for each is expected');
  const lost = without(alwaysWritten(known), value);
  try {
    const values = resolveSettings(SETTINGS, 'train', { data: '', ...lost, ...value }, file);
    checkPicked(values, file);
    return { values, missing: Object.keys(lost) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const line = lineOf([error.setting]);
    throw new SettingsError(error.setting, error.what, line === undefined ? file : `${file}:${line}`);
  }
}

/** A run writes down what it picked: a value that leaves the choice open is another one's. */
function checkPicked(values: TrainSettings, file: string): void {
  const entries: Readonly<Record<string, unknown>> = { ...values };
  for (const { name, automatic } of rowsIn(SETTINGS, 'train')) {
    const isOpen = automatic !== undefined && sameValue(entries[name], automatic);
    if (isOpen)
      throw new SettingsError(
        name,
        `it must be what the run picked, not ${JSON.stringify(automatic)}, with which a run begins: put the value back, or start a new run`,
        file,
      );
  }
}

/** The hyperparameters of a run. @param known as in {@link readSettingsFile} @throws ConfigError */
export async function readHypFile(file: string, known: object = {}): Promise<Filled<Hyperparameters>> {
  const text = await readText(file);
  const { value } = parseYaml(text, file);
  const lost = without(known, isRecord(value) ? value : {});
  return { values: { ...parseHyp(text, file), ...lost }, missing: Object.keys(lost) };
}

/** The settings of a run that have a value by default; that of `hyp` is a file of its own. */
function alwaysWritten(known: TrainSettings | undefined): Partial<TrainSettings> {
  if (known === undefined) return {};
  const { hyp: _, ...usual } = resolveSettings(SETTINGS, 'train', { data: '' });
  const entries = Object.entries(known).filter(([name]) => name in usual);
  return Object.fromEntries(entries) as Partial<TrainSettings>;
}

/** The entries of `known` whose names `value` has not. */
function without<T extends object>(known: T, value: object): Partial<T> {
  const entries = Object.entries(known).filter(([name]) => !(name in value));
  return Object.fromEntries(entries) as Partial<T>;
}

function readText(file: string): Promise<string> {
  return readTextBounded(file, LIMITS.yamlBytes).catch((error: unknown) => {
    throw new ConfigError(file, undefined, `can't be read: ${reasonOf(error)}`);
  });
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
