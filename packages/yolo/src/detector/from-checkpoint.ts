/** Detectors out of checkpoints: as they are, or as the start of a fine-tuning. */
import type { Tensor } from '@froyolo/core';
import {
  buildModel,
  initialize,
  type Model,
  type ModelSpec,
  type ParseOptions,
  parseModelYaml,
} from '@froyolo/model-yaml';
import { type Checkpoint, checkDetector, matchTensors, toFloat32 } from '@froyolo/weights';
import { DetectorError } from '../errors.js';
import { familyNamed, familyOf, recognize } from '../families/table.js';
import type {
  Architecture,
  ClassSources,
  ClassStart,
  Family,
  LabeledImage,
  PriorFit,
  PriorOptions,
} from '../family.js';
import { type Detector, detectorWith, tensorShapes } from './detector.js';
import { fitPriors } from './priors.js';

/**
 * The detector that a checkpoint holds, with the anchors of its tensors.
 * @throws DetectorError when the checkpoint has no architecture, or a tensor is missing or has another shape
 */
export function detectorFromCheckpoint(checkpoint: Checkpoint): Detector {
  checkDetector(checkpoint);
  const spec = specOf(checkpoint);
  const names = checkpoint.names ?? Array.from({ length: spec.numClasses }, (_, i) => `class${i}`);
  if (names.length !== spec.numClasses)
    throw new DetectorError(
      `${fileOf(checkpoint)}: it names ${names.length} classes, and its network has ${spec.numClasses}`,
    );
  const family = familyIn(checkpoint, spec);
  checkComplete(buildModel(spec, family.head), checkpoint);
  const values = new Map([...checkpoint.tensors].map(([name]) => [name, floatTensor(checkpoint, name)]));
  return detectorWith(spec, values, names, family);
}

function specOf(checkpoint: Checkpoint): ModelSpec {
  const { file, ...architecture } = architectureOf(checkpoint);
  return parseModelYaml(architecture.yaml, {
    ...(file === undefined ? {} : { fileName: file }),
    ...(architecture.numClasses === undefined ? {} : { numClasses: architecture.numClasses }),
    ...(architecture.anchors ? { anchors: architecture.anchors } : {}),
  });
}

/** @throws DetectorError that counts the tensors which the architecture has and the checkpoint lacks */
function checkComplete(model: Model, checkpoint: Checkpoint): void {
  const all = tensorShapes(model);
  const { matched } = matchTensors(checkpoint.tensors, all);
  const missing = all.filter(({ name }) => !matched.has(name));
  const [first] = missing;
  if (!first) return;
  const found = checkpoint.tensors.get(first.name);
  throw new DetectorError(
    `${fileOf(checkpoint)}: ${missing.length} of the ${all.length} tensors that its architecture has are missing or of another shape, the first is "${first.name}" [${first.shape}]${found ? `, here [${found.shape}]` : ''}: take a checkpoint of the whole model`,
  );
}

const fileOf = ({ file = 'the checkpoint' }: Checkpoint) => file;

/** `rows`: what doesn't depend on the classes is kept; `none`: a head of another shape starts fresh, as in YOLOv5. */
export const KEEP_HEAD = ['rows', 'none'] as const;
export type KeepHead = (typeof KEEP_HEAD)[number];

export interface FineTuneOptions extends ClassSources {
  /** Classes to detect. */
  readonly names: readonly string[];
  /** Seed of the values that the checkpoint lacks. */
  readonly seed: number;
  /** Text of an architecture YAML in place of the checkpoint's, and its name in messages. */
  readonly cfg?: { readonly text: string; readonly fileName: string };
  /** Anchors per level, all of them to be found anew. */
  readonly anchors?: number;
  /** Images whose boxes the priors (anchors) have to fit, or they are replaced. */
  readonly fit?: Omit<PriorOptions, 'seed'> & { readonly images: Iterable<LabeledImage> };
  /**
   * What is kept of a head for other classes with the same priors: `rows` (default), what doesn't depend on the classes,
   * and each class starts as `ClassSources` say, or fresh; `none`: nothing, as in YOLOv5.
   */
  readonly keepHead?: KeepHead;
  /** Default: the checkpoint's family or, with `cfg`, the registered one whose head ends that architecture. */
  readonly family?: Family;
}

export interface FineTuneStart {
  readonly detector: Detector;
  /** Tensors taken over, of all that the detector has. */
  readonly transferred: {
    readonly kept: number;
    readonly total: number;
    /** Names of the parameters that start fresh. */
    readonly fresh: readonly string[];
  };
  /** How the priors fit, where `fit` asked for it and the family has some. */
  readonly priors?: PriorFit;
  /** What each class starts from, where rows of a head for other classes are kept. */
  readonly classes?: readonly ClassStart[];
}

/**
 * A detector for other classes that takes over every tensor whose name and shape agree, and of the detection layer what
 * doesn't depend on the classes. The anchors are the checkpoint's unless `cfg`, `anchors` or the images of `fit` replace them.
 */
export function fineTuneFrom(checkpoint: Checkpoint, options: FineTuneOptions): FineTuneStart {
  const { names, seed, cfg, anchors, fit } = options;
  checkDetector(checkpoint);
  const overrides: ParseOptions = {
    numClasses: names.length,
    fileName: cfg?.fileName ?? fileOf(checkpoint),
    ...anchorsFor(checkpoint, options),
  };
  const spec = parseModelYaml(cfg ? cfg.text : architectureOf(checkpoint).yaml, overrides);
  const family = options.family ?? (cfg ? familyOf(spec) : familyIn(checkpoint, spec));
  const model = buildModel(spec, family.head);
  const values = initialize(model, seed);
  const keepsPriors = cfg === undefined && anchors === undefined;
  const kept = matching(model, checkpoint).filter((name) => keepsPriors || !family.priors?.holds(name));
  for (const name of kept) values.set(name, floatTensor(checkpoint, name));
  const taken = new Set(kept);
  const transferred = {
    kept: kept.length,
    total: model.parameters.length + model.buffers.length,
    fresh: model.parameters.flatMap(({ name }) => (taken.has(name) ? [] : [name])),
  };
  const matched = detectorWith(spec, values, names, family);
  const hasRows =
    options.keepHead !== 'none' && family.keepHead?.(matched, checkpoint, options) !== undefined;
  const check = fit ? fitPriors(matched, fit.images, { ...fit, seed, hasRows }) : { detector: matched };
  return {
    transferred,
    ...(check.fit ? { priors: check.fit } : {}),
    ...withHeadRows(check.detector, checkpoint, options),
  };
}

function withHeadRows(
  detector: Detector,
  checkpoint: Checkpoint,
  { keepHead = 'rows', ...sources }: FineTuneOptions,
): Pick<FineTuneStart, 'detector' | 'classes'> {
  const rows = detector.family.keepHead?.(detector, checkpoint, sources);
  const sameCount = checkpoint.numClasses === detector.names.length;
  const isWhole =
    sameCount && rows?.classes.every(({ from }, i) => from === undefined || from === checkpoint.names?.[i]);
  if (!rows || keepHead === 'none' || isWhole) return { detector };
  const tensors = new Map([...detector.tensors, ...rows.tensors]);
  return { detector: { ...detector, tensors }, classes: rows.classes };
}

function anchorsFor(
  checkpoint: Checkpoint,
  { cfg, anchors }: FineTuneOptions,
): Pick<ParseOptions, 'anchors'> {
  if (anchors !== undefined) return { anchors };
  return cfg || !checkpoint.anchors ? {} : { anchors: checkpoint.anchors };
}

/** Names of the parameters and buffers that the checkpoint has in the same shape. */
const matching = ({ parameters, buffers }: Model, { tensors }: Checkpoint): string[] => [
  ...matchTensors(tensors, [...parameters, ...buffers]).matched.keys(),
];

/** The family that a checkpoint names; older ones, and those of other programs, name none. */
const familyIn = ({ family }: Checkpoint, spec: ModelSpec): Family =>
  family === undefined ? familyOf(spec) : familyNamed(family);

/** What the checkpoint says of its architecture, or the official one that its tensors fit. */
function architectureOf(checkpoint: Checkpoint): Architecture & Pick<Checkpoint, 'file'> {
  const { yaml, tensors } = checkpoint;
  if (yaml) return { ...checkpoint, yaml };
  const known = recognize(tensors);
  if (known) return { ...checkpoint, ...known };
  throw new DetectorError(
    `${fileOf(checkpoint)} holds tensors without an architecture, and they fit none of the official ones: save the model itself, torch.save({"model": model}, …); training also takes an architecture (cfg)`,
  );
}

function floatTensor({ tensors }: Checkpoint, name: string): Tensor {
  const value = tensors.get(name);
  if (!value) throw new DetectorError(`the checkpoint has no tensor "${name}"`);
  return { dtype: 'float32', shape: value.shape, data: toFloat32(value) };
}
