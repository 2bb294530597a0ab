/** The page of results of `pnpm torture`. */
import { MACHINE } from './run-suite.mjs';

/** What the rows of each kind of test count. */
const TRIALS = {
  kills: 'killed',
  'full disk': 'full disk, from one change on',
  'small disk': 'full disk, really: a file system in memory of each of so many sizes',
  pairs: 'started together',
};

/** The trials of each kind together. */
function merged(rows) {
  const all = new Map();
  for (const { what, subject, problems } of rows) {
    const key = `${what} ${subject}`;
    const { trials = 0, problems: known = [] } = all.get(key) ?? {};
    all.set(key, { what, subject, trials: trials + 1, problems: [...known, ...problems] });
  }
  return [...all.values()].sort((a, b) => order(a) - order(b));
}

const order = ({ what }) => Object.keys(TRIALS).indexOf(what);

/** @param rows of the report */
export function page(rows) {
  const trials = merged(rows.filter(({ what }) => what in TRIALS));
  const problems = trials.flatMap((row) =>
    row.problems.map((text) => `- ${row.what}, ${row.subject}: ${text}`),
  );
  return [
    '# Torture',
    '',
    `\`pnpm torture\` on ${MACHINE}, ${new Date().toISOString().slice(0, 10)}.`,
    'A trial kills a command with signal 9 (at each rename, before and after it; the rest at random changes of the disk and at',
    'random moments), or lets the disk be full. Then the command goes on: its files have to be byte-identical to those of a run that',
    'nothing happened to, and nothing unfinished may be left. A full disk has to be told in words, with a file. Of two processes that',
    'start together neither shares a folder or a lock with the other. A whole round kills each subject 100 times and starts 200 pairs;',
    'one that is done in pieces has the trials that the table counts.',
    '',
    '| what | subject | trials | problems |',
    '|---|---|---:|---:|',
    ...trials.map(
      (row) => `| ${TRIALS[row.what]} | ${row.subject} | ${row.trials} | ${row.problems.length} |`,
    ),
    '',
    ...(problems.length > 0 ? [...problems, ''] : []),
    ...memoryLines(rows.filter(({ what }) => what === 'memory')),
  ].join('\n');
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param rows of memory, of which the last of each subject counts */
function memoryLines(rows) {
  const last = [...new Map(rows.map((row) => [row.subject, row])).values()];
  if (last.length === 0) return [];
  return [
    'Resident memory of trainings in epochs of 2 batches, with validation, checkpoints and charts, from epoch 40 on: the least',
    'in each quarter of the time, and the slope by least squares.',
    '',
    '| training | minutes | epochs | least in each quarter | growth | slope an hour | an epoch |',
    '|---|---:|---:|---|---:|---:|---:|',
    ...last.map(memoryLine),
    '',
  ];
}

function memoryLine({ subject, minutes, epochs, floors, slope, perEpoch }) {
  const growth = floors.at(-1) - floors[0];
  const quarters = floors.map(megabytes).join(', ');
  return `| ${subject} | ${minutes} | ${epochs} | ${quarters} | ${megabytes(growth)} | ${megabytes(slope)} | ${perEpoch.toFixed(0)} bytes |`;
}
