import type { Chart } from '@froyolo/report';
import type { StudyChart } from './charts/study-charts.js';

export interface DrawnChart extends StudyChart {
  readonly chart: Chart;
}
