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
    ...memoryLines(rows.findLast(({ what }) => what === 'memory')),
  ].join('\n');
}

function memoryLines(memory) {
  if (!memory) return [];
  const { minutes, first, last, slope, samples } = memory;
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `Resident memory of a training in epochs of 2 batches, watched for ${minutes} minutes from epoch 40 on: at least ${megabytes(first)}`,
    `in the first third, ${megabytes(last)} in the last; slope ${megabytes(slope)} an hour (${samples} samples).`,
    '',
  ];
}
