import { fuzzKinds } from './fuzz-kinds.js';
import { weightKinds } from './kinds/weights.js';

fuzzKinds(weightKinds);
