/** Tells commander which flags a command has. */
import { type Command, Option } from 'commander';
import { FLAG_TEXTS } from './flag-texts.js';
import type { KnownFlags } from './normalize.js';
import { acceptUnavailable } from './unavailable.js';

/** Adds the flags of a command, and those of YOLOv5 that end in a message; returns what may be written. */
export function declareFlags(command: Command, name: string): KnownFlags {
  const aliases: Record<string, string> = {};
  for (const text of FLAG_TEXTS[name] ?? []) {
    const option = new Option(text.syntax, text.help);
    command.addOption(text.hidden ? option.hideHelp() : option);
    for (const alias of text.aliases) aliases[alias] = option.long ?? '';
  }
  acceptUnavailable(command, name);
  const flags = [...command.options.flatMap(({ long }) => (long ? [long] : [])), '--help'];
  return { flags, aliases };
}
