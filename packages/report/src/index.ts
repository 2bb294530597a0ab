export { type Chart, type Panel, renderChart, type TopLevelSpec } from './chart.js';
export { type EvolvedGeneration, evolveChart } from './detector/evolve-chart.js';
export { type SizeStudy, sizeStudyChart } from './detector/size-study-chart.js';
export { labelsChart, resultsChart } from './detector/training-charts.js';
export { validationCharts } from './detector/validation-charts.js';
export { writeCharts } from './detector/write-charts.js';
