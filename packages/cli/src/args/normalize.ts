/** Turns the spellings that YOLOv5's command line accepts into ours. */

/** What a command takes: its long flags, such as `--batch-size`. */
export interface KnownFlags {
  readonly flags: readonly string[];
  /** Other names of a flag. */
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * Underscores in flags become hyphens, aliases become the flag, and a beginning that only one flag has becomes that
 * flag (`--batch 16`). Values, also those after `=`, stay as they are; so does everything after `--`.
 */
export function normalizeFlags(argv: readonly string[], { flags, aliases }: KnownFlags): string[] {
  const end = argv.indexOf('--');
  return argv.map((token, i) => {
    if (!token.startsWith('--') || token === '--' || (end >= 0 && i > end)) return token;
    const equals = token.indexOf('=');
    const written = equals < 0 ? token : token.slice(0, equals);
    return resolveFlag(written, flags, aliases) + token.slice(written.length);
  });
}

function resolveFlag(
  written: string,
  flags: readonly string[],
  aliases: Readonly<Record<string, string>>,
): string {
  const flag = written.replaceAll('_', '-');
  if (flags.includes(flag)) return flag;
  if (Object.hasOwn(aliases, flag)) return aliases[flag];
  const longer = flags.filter((known) => known.startsWith(flag));
  return longer.length === 1 ? longer[0] : flag;
}
