import { fuzzKinds } from './fuzz-kinds.js';
import { runFileKinds } from './kinds/run-files.js';

fuzzKinds(runFileKinds);
