export { type Chart, renderChart, type TopLevelSpec } from './chart.js';
export { labelsChart, resultsChart } from './detector/training-charts.js';
export { validationCharts } from './detector/validation-charts.js';
export { writeCharts } from './detector/write-charts.js';
export { reportFiles, writeReport } from './study-report.js';
export { type SummaryTable, summaryTable } from './summary-table.js';
