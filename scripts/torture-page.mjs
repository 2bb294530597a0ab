/** The page of results of `pnpm torture`. */
import { MACHINE } from './run-suite.mjs';

/** What the trials of each kind do. */
const TRIALS = {
  kills: 'killed',
  'full disk': 'full disk, from one change on',
  'small disk': 'full disk, with real file systems of different sizes in memory',
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
    'Each trial kills a command with signal 9 (before and after every rename; otherwise at random changes on disk and at random',
    'moments) or fills the disk. Then the command is continued: its files must be byte-identical to those of an undisturbed run, and',
    'nothing unfinished may be left behind. A full disk must be reported in words, with the file. Two processes started together must',
    'not share a folder or a lock. A full round kills each subject 100 times and starts 200 pairs; a round done in pieces has as many',
    'trials as the table says.',
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
    'Resident memory of trainings whose epochs have 2 batches, with validation, checkpoints and charts, from epoch 40 on: the lowest',
    'value in each quarter of the time, and the slope by least squares.',
    '',
    '| training | minutes | epochs | lowest in each quarter | growth | slope per hour | per epoch |',
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
