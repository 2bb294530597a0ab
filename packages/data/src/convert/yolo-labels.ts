/** YOLO label files with renumbered classes. */
import { parseLabelLine } from '../labels.js';
import { linesOf } from '../text.js';
import type { ConversionLog } from './log.js';

/** Text of a label file, and the objects in it. */
export interface LabelText {
  readonly text: string;
  readonly objects: number;
}

/**
 * The rows of a label file with the classes that are asked for; coordinates stay as they are written, repeated rows and
 * those of other classes go to the log.
 * @param names classes of the file by number @param asked classes by number in the result
 * @throws LabelError as `parseLabels` does
 */
export function renumbered(
  source: string,
  file: string,
  { names, asked }: { readonly names: readonly string[]; readonly asked: readonly string[] },
  log: ConversionLog,
): LabelText {
  const rows = new Map<string, string>();
  for (const [index, line] of linesOf(source).entries()) {
    const row = parseLabelLine(line, file, index + 1, names.length)?.row;
    if (!row) continue;
    const [number = 0] = row;
    const to = asked.indexOf(names[number] ?? '');
    const key = row.join(' ');
    const where = `${file}:${index + 1}`;
    if (to < 0) log.leaveOut('otherClass', where, `class "${names[number]}" is not in the list`);
    else if (rows.has(key)) log.note(where, 'is a repeated row: removed');
    else rows.set(key, [to, ...line.trim().split(/\s+/).slice(1)].join(' '));
  }
  return { text: [...rows.values()].map((row) => `${row}\n`).join(''), objects: rows.size };
}
