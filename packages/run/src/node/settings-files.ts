/** Settings by name or from files. */
import { existsSync } from 'node:fs';
import { ConfigError, type Hyperparameters, hypPresets, LIMITS, parseHyp } from '@froyolo/data';
import { readTextBounded } from '@froyolo/data/node';
import { reasonOf } from '@froyolo/errors';
import { ARCHITECTURES, architectureYaml } from '@froyolo/model-yaml';

/** Hyperparameters from a YAML file, or by the name of a preset. */
export async function loadHyp(hyp: string): Promise<Hyperparameters> {
  const preset = hyp.replace(/^hyp\./, '').replace(/\.yaml$/, '');
  if (!existsSync(hyp) && Object.hasOwn(hypPresets, preset))
    return hypPresets[preset as keyof typeof hypPresets];
  return parseHyp(
    await readText(hyp, `not a preset either; presets: ${Object.keys(hypPresets).join(', ')}`),
    hyp,
  );
}

/** Text of an architecture YAML: a file, or one of the official names. */
export async function loadArchitecture(cfg: string): Promise<{ text: string; fileName: string }> {
  const name = ARCHITECTURES.find((known) => known === cfg.replace(/\.yaml$/, ''));
  if (name && !existsSync(cfg)) return { text: architectureYaml(name), fileName: `${name}.yaml` };
  const hint = `not an official name either; those are ${ARCHITECTURES.join(', ')}`;
  return { text: await readText(cfg, hint), fileName: cfg };
}

async function readText(file: string, hint: string): Promise<string> {
  try {
    return await readTextBounded(file, LIMITS.yamlBytes);
  } catch (error) {
    const reason = reasonOf(error);
    throw new ConfigError(file, undefined, `can't be read (${reason}); it is ${hint}`);
  }
}
