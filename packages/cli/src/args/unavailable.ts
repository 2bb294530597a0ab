/** Flags of YOLOv5 that exist there and not here: each ends in a message that says so. */
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';

/** What to do without it, by flag. */
export type UnavailableFlags = Readonly<Record<string, string>>;

/** Accepts the flags, with or without values, so that using one isn't mistaken for a typing error. */
export function acceptUnavailable(command: Command, flags: UnavailableFlags): void {
  for (const flag of Object.keys(flags)) command.addOption(new Option(`${flag} [values...]`).hideHelp());
}

/** @throws UsageError for the first of the flags that is in use */
export function rejectUnavailable(command: Command, flags: UnavailableFlags): void {
  for (const [flag, advice] of Object.entries(flags)) {
    const option = command.options.find(({ long }) => long === flag)!;
    if (command.getOptionValueSource(option.attributeName()) !== undefined)
      throw new UsageError(`${flag} is not available yet: ${advice}`);
  }
}
