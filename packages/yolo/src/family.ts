/**
 * What a family of detectors is: all that differs between YOLOv5 and another kind of detector. Training, validation,
 * prediction, planning and the feature cache know families by this interface only.
 */

import type { LabelRow, NmsOptions } from '@froyolo/boxes';
import type { Node, Tensor } from '@froyolo/core';
import type { Batch, Hyperparameters } from '@froyolo/data';
import type { HeadModule, Model, ModelSpec } from '@froyolo/model-yaml';
import type { Checkpoint } from '@froyolo/weights';

/** What a loss depends on besides the network. */
export interface LossSettings {
  readonly hyp: Hyperparameters;
  /** Side of the training images in pixels: gains may scale with it. */
  readonly imgsz: number;
}

/** A copy of images for augmented inference: how it differs from them. */
export interface View {
  /** Side of the copy over that of the image. */
  readonly scale: number;
  /** Left and right are swapped. */
  readonly mirrored: boolean;
}

/** Predictions for a view of images that was scaled, and maybe mirrored. */
export interface ViewPredictions extends View {
  readonly predictions: Tensor;
}

/** Boxes of an image, and its size in pixels. */
export interface LabeledImage {
  /** Rows of the family's `labelRow`. */
  readonly labels: Float32Array;
  readonly width: number;
  readonly height: number;
}

export interface PriorOptions {
  /** Long side of the training images in pixels. */
  readonly imgsz: number;
  readonly hyp: Hyperparameters;
  readonly seed: number;
  /** Whether other priors cost the rows that a head keeps. Default false. */
  readonly hasRows?: boolean;
}

/** How well a detector's priors fit a dataset, and what replaces them where others fit better. */
export interface PriorFit {
  /** Fraction of boxes that some prior can be matched to: with what was found, and before. */
  readonly recall: number;
  readonly recallBefore: number;
  /** Why no others were looked for, or found. */
  readonly warning?: string;
  /** Absent if the priors are kept. */
  readonly replacement?: {
    readonly spec: ModelSpec;
    /** Tensors that change, by name. */
    readonly tensors: ReadonlyMap<string, Tensor>;
  };
}

/** What a family knows of a dataset's boxes before it is trained, such as anchor sizes. */
export interface Priors {
  /** What they are, for messages: `anchors`. */
  readonly name: string;
  /** Whether the tensor of that name holds priors: it is not taken over from a checkpoint when others are asked for. */
  holds(name: string): boolean;
  /** Checks the priors against the boxes of a dataset, and looks for better ones where too few boxes fit. */
  fit(model: Model, images: Iterable<LabeledImage>, options: PriorOptions): PriorFit;
}

/** Classes of a checkpoint to start from, by the name of the class to detect: `{ crate: 'suitcase' }`. */
export type ClassFrom = Readonly<Record<string, string>>;

/** Where the values of a class come from: that class of the checkpoint; without one it starts fresh. */
export interface ClassStart {
  readonly name: string;
  readonly from?: string;
}

export interface ClassSources {
  /** What counts most. */
  readonly classFrom?: ClassFrom;
  /** What counts where no class has the same name. */
  readonly answers?: ClassFrom;
}

/** A network with its values and classes: a detector, apart from its family. */
export interface NamedModel {
  readonly model: Model;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly names: readonly string[];
}

/** What goes on of a checkpoint's head for other classes. */
export interface KeptHead {
  /** Tensors of the head, by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly classes: readonly ClassStart[];
}

/** An architecture, with what a checkpoint adds to it. */
export interface Architecture extends Pick<Checkpoint, 'numClasses' | 'anchors'> {
  readonly yaml: NonNullable<Checkpoint['yaml']> | string;
}

export interface Family {
  /** As checkpoints record it, such as `yolov5`. */
  readonly name: string;
  /** The module that ends an architecture of this family; architectures name it. */
  readonly head: HeadModule;
  /** Names of the loss's terms, in the order of logs, results and charts. */
  readonly lossTerms: readonly string[];
  /** Layout of its label rows. In a batch, the image's position stands before each. */
  readonly labelRow: LabelRow;
  /**
   * Assigns targets to predictions on the host.
   * @returns feeds of the inputs that `loss` puts into the graph, by name
   */
  assign(
    batch: Pick<Batch, 'shape' | 'targets'>,
    model: Model,
    settings: LossSettings,
  ): Record<string, Tensor>;
  /**
   * The loss as graph ops.
   * @param heads the head's raw outputs per level
   * @returns every term by name, `[]`: a mean over images, times its gain. Their sum is minimized.
   */
  loss(heads: readonly Node[], model: Model, settings: LossSettings): Readonly<Record<string, Node>>;
  /**
   * Raw outputs to predictions, as graph ops.
   * @returns `[N, rows, columns]`, which only `suppress` reads
   */
  decode(heads: readonly Node[], model: Model): Node;
  /**
   * Decoded predictions to detections.
   * @returns per image, rows as `DETECTION_ROW` lays them out, the most confident first
   */
  suppress(predictions: Tensor, options: NmsOptions): Float32Array[];
  /**
   * Joins the predictions for several views of the same images, the largest first, to one tensor with boxes in pixels of
   * the images. A family without it has no augmented inference.
   * @param shape height and width of the images
   */
  joinViews?(
    views: readonly ViewPredictions[],
    shape: readonly [height: number, width: number],
    model: Model,
  ): Tensor;
  /** The architecture of this family that bare tensors are of, by their names and shapes; undefined if none is. */
  recognize?(tensors: Checkpoint['tensors']): Architecture | undefined;
  /** Absent for a family without any. */
  readonly priors?: Priors;
  /**
   * Takes over what a checkpoint's head for other classes knows besides them; undefined if none of it fits. A family
   * without it starts such a head fresh.
   * @param fresh for the classes to detect
   * @throws DetectorError when `classFrom` names a class that does not exist
   */
  keepHead?(fresh: NamedModel, checkpoint: Checkpoint, sources: ClassSources): KeptHead | undefined;
  /**
   * Scores of all classes where targets are assigned to predictions, one entry per match. A family without it can't tell
   * which of its classes answer at the boxes of others.
   * @param predictions decoded
   */
  scoresAt?(
    predictions: Tensor,
    batch: Pick<Batch, 'shape' | 'targets'>,
    model: Model,
    hyp: Hyperparameters,
  ): Iterable<{ readonly cls: number; readonly scores: ArrayLike<number> }>;
}
