export { RESULTS_HEADER, resultsRow } from './results-csv.js';
