import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleStudy } from './example-study.js';
import { reportFiles, writeReport } from './study-report.js';
import { summaryTable } from './summary-table.js';

describe('the report of a study', () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-report-'));
  const files = reportFiles(folder);
  const results = exampleStudy({ gpu: true });
  const names = ['accuracy', 'accuracy-time', 'loss', 'resources', 'summary'];

  beforeAll(() => writeReport(results, folder));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has each chart as SVG and PNG', () => {
    expect(readdirSync(files.charts).sort()).toEqual(
      names.flatMap((name) => [`${name}.png`, `${name}.svg`]).sort(),
    );
    for (const name of names) {
      const png = readFileSync(join(files.charts, `${name}.png`));
      expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    }
  });

  test.each(['accuracy', 'accuracy-time', 'loss', 'resources', 'summary'])(
    '%s draws every freeze in its color and names it',
    (name) => {
      const svg = readFileSync(join(files.charts, `${name}.svg`), 'utf8');
      for (const text of ['freeze 0', 'freeze 10', 'freeze 24', '#0072b2', '#d55e00', '#009e73'])
        expect(svg).toContain(text);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    },
  );

  test('is one page that loads nothing, with text that is not markup', () => {
    const html = readFileSync(files.html, 'utf8');
    expect(html.match(/<svg/g)).toHaveLength(names.length);
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
    expect(html).toContain('freeze 0 &amp; nothing &lt;else&gt;');
    expect(html).toContain('&lt;b&gt;&amp;|*');
    expect(html).not.toContain('<b>');
  });

  test('is a Markdown page with the table and the charts', () => {
    const markdown = readFileSync(files.markdown, 'utf8');
    expect(markdown).toContain(
      '| 10 | 2 | 722 k (41 %) | 0.720 ± 0.006 | 0.450 ± 0.004 | 28 ± 1 | 3.50 min ± 7.0 s |',
    );
    for (const name of names) expect(markdown).toContain(`(charts/${name}.svg)`);
    expect(markdown).toContain('| architecture | <b>&\\|\\* |');
  });

  test('has the columns of a GPU where there was one', () => {
    expect(summaryTable(results).columns).toContain('GPU');
    expect(summaryTable(exampleStudy()).columns).not.toContain('GPU');
  });
});

test('with no epoch yet there is nothing to draw, and the pages say so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-report-'));
  const { arms, ...rest } = exampleStudy();
  const none = arms.map((arm) => ({ ...arm, status: 'missing' as const, epochs: [], samples: [] }));
  await writeReport(
    { ...rest, arms: none, summary: [], recommendation: ['No run is finished yet.'] },
    folder,
  );
  expect(readdirSync(folder).sort()).toEqual(['report.html', 'report.md']);
  expect(readFileSync(reportFiles(folder).markdown, 'utf8')).toContain('No run is finished yet.');
  rmSync(folder, { recursive: true });
});
