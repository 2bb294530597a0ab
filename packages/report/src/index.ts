export { type Chart, renderChart, type TopLevelSpec } from './chart.js';
export { reportFiles, writeReport } from './study-report.js';
export { type SummaryTable, summaryTable } from './summary-table.js';
