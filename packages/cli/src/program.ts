/** The commands, put together. */
import { Command } from 'commander';
import type { CommandContext, CommandEntry } from './args/command.js';
import { normalizeFlags } from './args/normalize.js';
import { createCompareCommand } from './commands/compare.js';
import { createDataCommand } from './commands/data.js';
import { createDetectCommand } from './commands/detect.js';
import { createDevicesCommand } from './commands/devices.js';
import { createParamsCommand } from './commands/params.js';
import { createPlanCommand } from './commands/plan.js';
import { createTrainCommand } from './commands/train.js';
import { createValCommand } from './commands/val.js';
import { UsageError } from './errors.js';
import { VERSION } from './version.js';

/** Commands that are planned or that YOLOv5 has, and what there is to say. */
const UNAVAILABLE_COMMANDS = {
  export: 'weights are saved as safetensors; export to other formats comes later',
  benchmarks: 'it compares export formats, and there is no export yet',
};

export interface Program {
  /** Full names of the commands, and the flags that their help lists. */
  readonly commands: readonly { readonly name: string; readonly flags: readonly string[] }[];
  /** Runs a command line (without the program's name). Throws what the command throws, or a CommanderError. */
  run(argv: readonly string[]): Promise<void>;
}

export function createProgram(context: CommandContext): Program {
  const entries = [
    createTrainCommand(context),
    createValCommand(context),
    createCompareCommand(context),
    createDetectCommand(context),
    createParamsCommand(context),
    createPlanCommand(context),
    createDataCommand(context),
    createDevicesCommand(context),
  ];
  const root = new Command('froyolo')
    .description('Fine-tune YOLOv5 detectors with frozen layers')
    .version(VERSION)
    .option('--debug', 'show where an error happened')
    .showHelpAfterError('(--help lists the flags)');
  for (const { command } of entries) root.addCommand(command);
  for (const [name, reason] of Object.entries(UNAVAILABLE_COMMANDS)) {
    root
      .command(name, { hidden: true })
      .argument('[arguments...]')
      .allowUnknownOption()
      .action(() => {
        throw new UsageError(`"froyolo ${name}" is not available yet: ${reason}`);
      });
  }
  prepare(root, context);
  return {
    commands: entries.flatMap(({ command }) => describe(command, '')),
    async run(argv) {
      await root.parseAsync(normalize(argv, root, entries), { from: 'user' });
    },
  };
}

/** A command, or those below it. */
function describe(command: Command, before: string): { name: string; flags: string[] }[] {
  const name = before + command.name();
  if (command.commands.length > 0) return command.commands.flatMap((one) => describe(one, `${name} `));
  return [{ name, flags: command.options.filter(({ hidden }) => !hidden).map(({ long }) => long!) }];
}

/** Errors are thrown instead of ending the process, and output goes to the terminal, in subcommands as well. */
function prepare(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.print(text.trimEnd()),
    writeErr: (text) => terminal.note(text.trimEnd()),
    outputError: (text, write) => write(text.replace(/^error:/, terminal.colors.red('error:'))),
  });
  for (const subcommand of command.commands) {
    subcommand.copyInheritedSettings(command);
    prepare(subcommand, context);
  }
}

/** Spellings depend on the command: the words before the first flag name it. */
function normalize(argv: readonly string[], root: Command, entries: readonly CommandEntry[]): string[] {
  let command = root;
  for (const word of argv.filter((token) => token !== '--debug')) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (!next) break;
    command = next;
  }
  const flags = [...command.options.flatMap(({ long }) => (long ? [long] : [])), '--help'];
  const aliases = entries.find((entry) => entry.command === command)?.aliases ?? {};
  return normalizeFlags(argv, { flags, aliases });
}
