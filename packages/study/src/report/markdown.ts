/** `report.md`. */
import type { StudyResults } from '../result-types.js';
import type { DrawnChart } from './drawn-chart.js';
import { NOTES } from './notes.js';
import { recipeLines } from './recipe-lines.js';
import { summaryTable } from './summary-table.js';

export function markdownReport(results: StudyResults, charts: readonly DrawnChart[]): string {
  const { columns, rows } = summaryTable(results);
  const table = [columns, columns.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  return [
    '# Comparison of freezes',
    results.recommendation.map((sentence) => `- ${sentence}`).join('\n'),
    '## Summary',
    table.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n'),
    NOTES.join(' '),
    ...charts.flatMap(({ name, title, text }) => [`## ${title}`, `![${title}](charts/${name}.svg)`, text]),
    '## Settings',
    `| | |\n|---|---|\n${recipeLines(results)
      .map(([name, value]) => `| ${name} | ${escapeCell(value)} |`)
      .join('\n')}`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** Characters that would be markup in a cell. */
function escapeCell(text: string): string {
  return text.replace(/[|*_\\]/g, '\\$&');
}
