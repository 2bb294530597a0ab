/** The tables of flags in docs/cli.md and FEATURES.md, made from the table of settings. */
import { defaultIn, flagOf, type Relation, type Row, rowsIn, shownDefault } from '@froyolo/run/settings';
import { UNAVAILABLE } from '../args/unavailable.js';
import { FLAGS } from '../flags.js';

const LISTED = (command: string) => rowsIn(FLAGS, command).filter(({ hidden }) => !hidden);

/** `| flag | default | |`, one line for each flag of a command. */
export function flagTable(command: string): string {
  const lines = LISTED(command).map((row) => {
    const value = shownDefault(row, defaultIn(row, command));
    return `| \`${syntaxOf(row)}\` | ${defaultText(row, command, value)} | ${row.doc ?? row.help} |`;
  });
  return ['| flag | default | |', '|---|---|---|', ...lines].join('\n');
}

/** `| flag | | note |`: how the flags of a command relate to YOLOv5's. */
export function featureTable(command: string): string {
  const plain: string[] = [];
  const noted = new Map<string, string[]>();
  const add = (cells: string, flag: string) => noted.set(cells, [...(noted.get(cells) ?? []), flag]);
  for (const row of LISTED(command)) {
    const flag = `\`${flagOf(row)}\``;
    if (!row.yolov5) continue;
    const note = noteOf(row, row.yolov5, command);
    if (row.yolov5.to === 'same' && note === '') plain.push(flag);
    else add(`${STATES[row.yolov5.to]} | ${note}`, flag);
  }
  for (const [flag, advice] of Object.entries(UNAVAILABLE[command] ?? {}))
    add(`no | ${advice}`, `\`${flag}\``);
  const lines = [...noted].map(([cells, flags]) => `| ${flags.join(', ')} | ${cells} |`);
  return ['| flag | | note |', '|---|---|---|', `| ${plain.join(', ')} | yes | |`, ...lines].join('\n');
}

const STATES: Readonly<Record<Relation['to'], string>> = { same: 'yes', differs: 'differs', ours: '–' };

function noteOf(row: Row, { to, note = '' }: Relation, command: string): string {
  if (note !== '' && command !== 'train' && row.in.includes('train')) return 'as in `train`';
  return to === 'ours' ? `ours: ${note}` : note;
}

/** A flag with its value, such as `--epochs COUNT`, `--cache [ram\|disk]`. */
function syntaxOf(row: Row): string {
  const { kind, alone } = row;
  if (kind.values === 'none') return flagOf(row);
  const value =
    kind.choices && alone !== undefined ? kind.choices.join('\\|') : (row.value ?? 'value').toUpperCase();
  return `${flagOf(row)} ${alone === undefined ? value : `[${value}]`}`;
}

function defaultText(row: Row, command: string, value: string | undefined): string {
  if (row.required?.includes(command)) return 'required';
  if (value === undefined) return '';
  return value === row.otherwise ? value : `\`${value}\``;
}

/** A document with the lines between `<!-- KIND: COMMAND -->` and `<!-- end -->` rebuilt. */
export function withTables(document: string, kind: string, table: (command: string) => string): string {
  const marked = new RegExp(`(<!-- ${kind}: ([a-z ]+) -->\n)[^]*?(?=<!-- end -->)`, 'g');
  return document.replace(marked, (_, head: string, command: string) => `${head}\n${table(command)}\n\n`);
}
