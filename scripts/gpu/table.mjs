// One table of what check.sh found: reads its log, prints images per second by device, network and freeze, then what the
// parity checks say.
//
//   node table.mjs LOG
import { readFileSync } from 'node:fs';

const COLUMNS = ['n 0', 'n 10', 'n 24', 'm 0', 'm 10', 'm 24'];

/** `OURS NAME yolov5n 320 b16 f24: 1700.1 img/s; …`, `TORCH yolov5n 320 b16 f24 amp: 677.0 img/s median, …` */
const FIGURE =
  /^(?:OURS (?<device>\S+)|TORCH) yolov5(?<size>\w) \S+ b\d+ f(?<freeze>\d+)(?: (?<mode>\w+))?: (?:(?<rate>[\d.]+) img\/s|(?<failed>FAILED))/;

export function tableOf(log) {
  const rows = new Map();
  for (const line of log.split('\n')) {
    const { device, size, freeze, mode, rate, failed } = FIGURE.exec(line)?.groups ?? {};
    if (size === undefined) continue;
    const name = device ?? `PyTorch, ${mode}`;
    const row = rows.get(name) ?? {};
    // A figure that is there more than once: the first is of the run that is meant to be compared.
    row[`${size} ${freeze}`] ??= failed ? 'failed' : Number(rate).toFixed(0);
    rows.set(name, row);
  }
  const width = Math.max(8, ...[...rows.keys()].map((name) => name.length));
  const line = (name, cells) => [name.padEnd(width), ...cells.map((cell) => cell.padStart(7))].join(' ');
  return [
    line('images/s', COLUMNS),
    ...[...rows].map(([name, row]) =>
      line(
        name,
        COLUMNS.map((column) => row[column] ?? '-'),
      ),
    ),
    ...log.split('\n').filter((text) => /^PARITY|NOT OPENED|no time left/.test(text)),
  ];
}

if (process.argv[1]?.endsWith('table.mjs'))
  for (const line of tableOf(readFileSync(process.argv[2], 'utf8'))) console.log(line.slice(0, 200));
