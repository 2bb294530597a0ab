/** Which hyperparameters evolve, how fast, and between which bounds: YOLOv5's defaults. */
import type { Hyperparameters } from '@froyolo/data';

export interface Gene {
  /** How strongly it mutates; 0 keeps it. */
  readonly gain: number;
  readonly low: number;
  readonly high: number;
}

const gene = (gain: number, low: number, high: number): Gene => ({ gain, low, high });

export const GENES = {
  lr0: gene(1, 1e-5, 0.1),
  lrf: gene(1, 0.01, 1),
  momentum: gene(0.3, 0.6, 0.98),
  weight_decay: gene(1, 0, 0.001),
  warmup_epochs: gene(1, 0, 5),
  warmup_momentum: gene(1, 0, 0.95),
  warmup_bias_lr: gene(1, 0, 0.2),
  box: gene(1, 0.02, 0.2),
  cls: gene(1, 0.2, 4),
  cls_pw: gene(1, 0.5, 2),
  obj: gene(1, 0.2, 4),
  obj_pw: gene(1, 0.5, 2),
  iou_t: gene(0, 0.1, 0.7),
  anchor_t: gene(1, 2, 8),
  anchors: gene(2, 2, 10),
  fl_gamma: gene(0, 0, 2),
  hsv_h: gene(1, 0, 0.1),
  hsv_s: gene(1, 0, 0.9),
  hsv_v: gene(1, 0, 0.9),
  degrees: gene(1, 0, 45),
  translate: gene(1, 0, 0.9),
  scale: gene(1, 0, 0.9),
  shear: gene(1, 0, 10),
  perspective: gene(0, 0, 0.001),
  flipud: gene(1, 0, 1),
  fliplr: gene(0, 0, 1),
  mosaic: gene(1, 0, 1),
  mixup: gene(1, 0, 1),
  copy_paste: gene(1, 0, 1),
} as const satisfies { readonly [Name in keyof Hyperparameters]?: Gene };

export type GeneName = keyof typeof GENES;

/** Values of the genes; `anchors` is absent if anchors are kept. */
export type Genome = Readonly<Partial<Record<GeneName, number>>>;

const isGene = (name: string): name is GeneName => Object.hasOwn(GENES, name);

/** Names in the order of the table. */
export const GENE_NAMES: readonly GeneName[] = Object.keys(GENES).filter(isGene);

/** The genes among hyperparameters. */
export function genomeOf(hyp: Hyperparameters): Genome {
  const values = GENE_NAMES.flatMap((name) => (hyp[name] === undefined ? [] : [[name, hyp[name]] as const]));
  return Object.fromEntries(values);
}
