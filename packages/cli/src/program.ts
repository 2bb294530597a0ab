/** The command line put together: only the command that is named gets its flags, and only it is loaded. */
import { Command } from 'commander';
import { declareFlags } from './args/declare.js';
import { type KnownFlags, normalizeFlags } from './args/normalize.js';
import { rejectUnavailable } from './args/unavailable.js';
import { COMMANDS, type CommandEntry, GROUPS } from './commands.js';
import type { CommandContext } from './context.js';
import { UsageError } from './errors.js';
import { VERSION } from './version.js';

/** What other programs, or people in a hurry, call our commands. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['predict', 'detect'],
  ['validate', 'val'],
  ['test', 'val'],
  ['finetune', 'train'],
  ['convert', 'data convert'],
  ['check', 'data check'],
]);

/**
 * Runs a command line (without the program's name).
 * @throws UsageError for another program's name of a command; what the command throws, or a CommanderError
 */
export async function runProgram(context: CommandContext, argv: readonly string[]): Promise<void> {
  const [first = ''] = argv;
  const known = OTHER_NAMES.get(first);
  if (known !== undefined) throw new UsageError(`there is no command "${first}": it is "froyolo ${known}"`);
  const entry = namedIn(argv);
  const { root, commands } = commandTree();
  const command = entry && commands.get(entry);
  const normalized = entry && command ? normalizeFlags(argv, declare(entry, command, context)) : argv;
  prepare(root, context);
  await root.parseAsync(normalized, { from: 'user' });
}

/** Gives a command its arguments, its flags, and what it does; the settings are loaded when it does that. */
function declare(entry: CommandEntry, command: Command, context: CommandContext): KnownFlags {
  if (entry.argument) command.argument(...entry.argument);
  command.action(async () => {
    const { readFlags, usageError } = await import('./args/options.js');
    rejectUnavailable(command, entry.name);
    await entry
      .run(context, (name) => readFlags(command, name), command.args)
      .catch((error: unknown) => {
        throw usageError(error);
      });
  });
  return declareFlags(command, entry.name);
}

/** The command that the first words name. */
export function namedIn(argv: readonly string[]): CommandEntry | undefined {
  const words = argv.filter((token) => token !== '--debug').slice(0, 2);
  return COMMANDS.find(({ name }) => name === words.join(' ') || name === words[0]);
}

/** What a new user needs to begin. */
const START = `
To begin, give it a dataset in YOLO format and five minutes:
  froyolo train --data data.yaml --weights yolov5n.pt --time 5m
  froyolo detect --weights runs/train/exp/weights/best.safetensors --source images/

"froyolo COMMAND --help" lists the flags of a command.`;

/** All commands by name and description, without their flags. */
function commandTree(): { root: Command; commands: ReadonlyMap<CommandEntry, Command> } {
  const root = new Command('froyolo')
    .description('Fine-tune YOLOv5 detectors with frozen layers')
    .version(VERSION)
    .showHelpAfterError('(--help lists the flags)')
    .addHelpText('after', START);
  addDebug(root);
  const groups = new Map(
    Object.entries(GROUPS).map(([name, description]) => [
      name,
      addDebug(new Command(name)).description(description),
    ]),
  );
  const commands = new Map<CommandEntry, Command>();
  for (const entry of COMMANDS) {
    const [group = '', name] = entry.name.split(' ');
    const command = addDebug(new Command(name ?? group).description(entry.description));
    command.addHelpText('after', `\nExample:\n  ${entry.example}`);
    const parent = groups.get(group);
    (name && parent ? parent : root).addCommand(command);
    if (name && parent && !root.commands.includes(parent)) root.addCommand(parent);
    commands.set(entry, command);
  }
  return { root, commands };
}

const addDebug = (command: Command) => command.option('--debug', 'show the stack of an error');

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
