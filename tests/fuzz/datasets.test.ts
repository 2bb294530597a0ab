import { fuzzKinds } from './fuzz-kinds.js';
import { datasetKinds } from './kinds/datasets.js';

fuzzKinds(datasetKinds);
