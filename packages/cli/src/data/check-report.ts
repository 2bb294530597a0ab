/** The report of `froyolo data check` as text. */
import { type ClassFigures, type Finding, type FindingKind, printable, type Split } from '@froyolo/data';
import type { CheckReport } from '@froyolo/data/node';
import { count, formatTable } from '../output/format.js';

/** Findings of a kind that are listed; the others are counted. */
const LISTED = 10;
/** Letters of the longest bar. */
const BAR = 40;

const TITLES: Readonly<Record<FindingKind, string>> = {
  'bad-split': 'splits that are missing',
  'bad-image': "images that can't be used",
  'bad-label': "rows of labels that can't be used (the image is left out of training)",
  'classes-from-one': 'classes counted from 1',
  'duplicate-across-splits': 'images that are in two splits',
  'same-images': 'splits that share images',
  'class-only-validated': 'classes without training objects',
  'class-without-objects': 'classes without objects',
  'class-imbalance': 'rare classes',
  'class-name': 'names of classes',
  'out-of-bounds': 'boxes that reach out of their image',
  'empty-box': 'boxes without area',
  'tiny-box': 'tiny boxes',
  'repeated-row': 'repeated rows',
  duplicate: 'images that are there twice',
  'near-duplicate-across-splits': 'images that look alike in two splits',
  'near-duplicate': 'images that look alike',
  'missing-labels': 'images without a label file',
  'label-without-image': 'label files without an image',
};

/** Lines of the report. @param all lists every finding */
export function checkLines(report: CheckReport, all = false): string[] {
  return [
    ...splitLines(report),
    '',
    ...classLines(report),
    '',
    'Objects in an image',
    ...bars(report.objectsPerImage.map(({ range, images }) => [range, images])),
    ...findingLines(report.findings, all),
    '',
    summary(report.findings),
    ...(report.fixed ? [`cleaned copy: ${report.fixed}`] : []),
  ];
}

function splitLines({ splits }: CheckReport): string[] {
  const rows = Object.entries(splits).map(([split, figures]) =>
    [split, figures.images, figures.usable, figures.unlabeled, figures.objects].map(String),
  );
  const titles = ['Split', 'Images', 'Usable', 'Unlabeled', 'Objects'];
  return formatTable(columns(titles), rows);
}

function classLines({ classes, imgsz }: CheckReport): string[] {
  const titles = ['Class', 'train', 'val', 'test', 'Images', 'Small', 'Medium', 'Large', 'Median'];
  const rows = classes.map((figures) => classRow(figures));
  const note = `Small, medium, large: below 32 x 32, below 96 x 96 and above, in pixels at ${imgsz}, as the median box.`;
  const sizes = (['small', 'medium', 'large'] as const).map((size): [string, number] => [
    size,
    classes.reduce((sum, figures) => sum + figures[size], 0),
  ]);
  return [...formatTable(columns(titles), rows), note, '', 'Boxes', ...bars(sizes)];
}

function classRow({ name, objects, images, small, medium, large, width, height }: ClassFigures): string[] {
  const splits: readonly Split[] = ['train', 'val', 'test'];
  const counts = [...splits.map((split) => objects[split]), images, small, medium, large];
  return [printable(name), ...counts.map(String), `${width.toFixed(0)} x ${height.toFixed(0)}`];
}

function columns([first = '', ...rest]: readonly string[]) {
  return [{ title: first, align: 'left' as const }, ...rest.map((title) => ({ title }))];
}

function bars(rows: readonly (readonly [string, number])[]): string[] {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const cells = rows.map(([title, value]) => [
    title,
    String(value),
    '█'.repeat(Math.ceil((value / most) * BAR)),
  ]);
  const [first, second, third] = [
    { title: '', align: 'left' as const },
    { title: '' },
    { title: '', align: 'left' as const },
  ];
  return formatTable([first, second, third], cells).slice(1);
}

function findingLines(findings: readonly Finding[], all: boolean): string[] {
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const own = findings.filter((one) => one.kind === kind);
    const shown = all ? own : own.slice(0, LISTED);
    const more = own.length - shown.length;
    return [
      '',
      `${own[0]?.severity}: ${TITLES[kind]}: ${own.length}`,
      ...shown.map(
        ({ file, line, message }) => `  ${file}${line === undefined ? '' : `:${line}`}: ${message}`,
      ),
      ...(more > 0 ? [`  ${more} more (--all lists them)`] : []),
    ];
  });
}

function summary(findings: readonly Finding[]): string {
  const number = (severity: Finding['severity']) =>
    findings.filter((one) => one.severity === severity).length;
  return [
    count(number('error'), 'error'),
    count(number('warning'), 'warning'),
    count(number('note'), 'note'),
  ].join(', ');
}
