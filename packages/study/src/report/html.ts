/** `report.html`: one file, nothing loaded from elsewhere. */
import type { StudyResults } from '../result-types.js';
import { colorOf } from './charts/colors.js';
import type { DrawnChart } from './drawn-chart.js';
import { NOTES } from './notes.js';
import { recipeLines } from './recipe-lines.js';
import { summaryTable } from './summary-table.js';

const STYLE = `
:root { color-scheme: light; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 60rem; background: #fff; color: #1f2328;
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .6rem; }
.advice { background: #f1f6fb; border-left: 4px solid #0072b2; padding: .8rem 1.2rem; border-radius: 4px; }
.advice p { margin: .4rem 0; }
.advice p:first-child { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .7rem; text-align: right; border-bottom: 1px solid #e5e8eb; white-space: nowrap; }
th { color: #57606a; font-weight: 600; border-bottom-color: #8c959f; }
th:first-child, td:first-child { text-align: left; }
.settings td { text-align: left; white-space: normal; }
.settings td:first-child { color: #57606a; }
.swatch { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .5em; }
.note { color: #57606a; font-size: .85rem; }
figure { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; }
`;

export function htmlReport(results: StudyResults, charts: readonly DrawnChart[]): string {
  const figures = charts.map(
    ({ title, text, chart }) =>
      `<h2>${escapeHtml(title)}</h2>\n<figure>${chart.svg}</figure>\n<p class="note">${escapeHtml(text)}</p>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comparison of freezes</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Comparison of freezes</h1>
<div class="advice">
${results.recommendation.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')}
</div>
<h2>Summary</h2>
${table(results)}
<p class="note">${escapeHtml(NOTES.join(' '))}</p>
${figures.join('\n')}
<h2>Settings</h2>
<table class="settings">
${recipeLines(results)
  .map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`)
  .join('\n')}
</table>
</body>
</html>
`;
}

function table(results: StudyResults): string {
  const { columns, rows } = summaryTable(results);
  const colors = results.summary.map(({ freeze }) => colorOf(freeze, results.arms));
  const body = rows.map((cells, i) => {
    const [first, ...rest] = cells.map(escapeHtml);
    const swatch = `<span class="swatch" style="background:${colors[i]}"></span>`;
    return `<tr><td>${swatch}${first}</td>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const head = columns.map((title) => `<th>${escapeHtml(title)}</th>`).join('');
  return `<div class="scroll"><table>\n<tr>${head}</tr>\n${body.join('\n')}\n</table></div>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
