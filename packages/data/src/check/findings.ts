/** What a check of a dataset finds, each with its place. */
import type { Split } from '../dataset-yaml.js';

/** Kinds of findings and how serious they are; an error makes a check fail. */
export const FINDING_KINDS = {
  'bad-split': 'error',
  'bad-image': 'error',
  'bad-label': 'error',
  'classes-from-one': 'error',
  'duplicate-across-splits': 'error',
  'same-images': 'warning',
  'class-only-validated': 'warning',
  'class-without-objects': 'warning',
  'class-imbalance': 'warning',
  'class-name': 'warning',
  'out-of-bounds': 'warning',
  'empty-box': 'warning',
  'tiny-box': 'warning',
  'repeated-row': 'warning',
  duplicate: 'warning',
  'near-duplicate-across-splits': 'warning',
  'near-duplicate': 'note',
  'missing-labels': 'note',
  'label-without-image': 'note',
} as const satisfies Record<string, 'error' | 'warning' | 'note'>;

export type FindingKind = keyof typeof FINDING_KINDS;
export type Severity = (typeof FINDING_KINDS)[FindingKind];

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly split?: Split;
  readonly file: string;
  /** Line number in a text file, from 1. */
  readonly line?: number;
  readonly message: string;
}

/** A finding with the severity of its kind. */
export function finding(
  kind: FindingKind,
  place: Pick<Finding, 'split' | 'file' | 'line'>,
  message: string,
): Finding {
  return { kind, severity: FINDING_KINDS[kind], ...place, message };
}
