export { type Chart, renderChart, type TopLevelSpec } from './chart.js';
