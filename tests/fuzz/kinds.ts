/** All kinds of input. A new one is a file in `kinds` and a line here. */
import type { FuzzKind } from './kind.js';
import { datasetKinds } from './kinds/datasets.js';
import { imageKinds } from './kinds/images.js';

export const KINDS: readonly FuzzKind[] = [...imageKinds, ...datasetKinds];
