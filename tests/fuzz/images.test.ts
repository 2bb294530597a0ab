import { fuzzKinds } from './fuzz-kinds.js';
import { imageKinds } from './kinds/images.js';

fuzzKinds(imageKinds);
