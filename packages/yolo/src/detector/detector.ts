/** A detector: its family, an architecture, its values and the names of its classes. */
import { sameShape, type Tensor } from '@froyolo/core';
import {
  buildModel,
  initialize,
  type Model,
  type ModelSpec,
  type ParseOptions,
  parseModelYaml,
} from '@froyolo/model-yaml';
import { DetectorError } from '../errors.js';
import { familyOf } from '../families/table.js';
import type { Family } from '../family.js';
import type { ForeignNetwork } from './foreign-network.js';

export interface Detector {
  readonly family: Family;
  readonly model: Model;
  /** Every parameter and every float buffer, by PyTorch's name, in float32. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Class names by index. */
  readonly names: readonly string[];
  /**
   * The network as a file of another runtime, run in place of `model`, which then only tells strides and classes: such a
   * detector detects and is validated, nothing else.
   */
  readonly network?: ForeignNetwork;
  /** Detectors of an ensemble, run in place of `model`, which then only tells the stride. */
  readonly members?: readonly Detector[];
}

export interface CreateDetectorOptions extends ParseOptions {
  readonly names: readonly string[];
  readonly seed: number;
  /** Default: the registered family whose head ends the architecture. */
  readonly family?: Family;
}

/**
 * A detector with fresh values.
 * @param architecture text or content of an architecture YAML; its class count is replaced by that of `names`
 */
export function createDetector(
  architecture: Parameters<typeof parseModelYaml>[0],
  { names, seed, family: given, ...options }: CreateDetectorOptions,
): Detector {
  const spec = parseModelYaml(architecture, { ...options, numClasses: names.length });
  const family = given ?? familyOf(spec);
  const model = buildModel(spec, family.head);
  return { family, model, tensors: floatTensors(model, initialize(model, seed)), names };
}

/**
 * A detector with given values.
 * @throws DetectorError naming the first tensor that is missing or has another shape than the architecture says.
 */
export function detectorWith(
  spec: ModelSpec,
  values: ReadonlyMap<string, Tensor>,
  names: readonly string[],
  family = familyOf(spec),
): Detector {
  const model = buildModel(spec, family.head);
  if (names.length !== model.numClasses)
    throw new DetectorError(`${names.length} class names for a model of ${model.numClasses} classes`);
  return { family, model, tensors: floatTensors(model, values), names };
}

/** Names and shapes of all that a detector's `tensors` hold. */
export function tensorShapes(model: Model): { name: string; shape: readonly number[] }[] {
  return [...model.parameters, ...model.buffers.filter(({ dtype }) => dtype === 'float32')];
}

function floatTensors(model: Model, values: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    tensorShapes(model).map(({ name, shape }) => {
      const value = values.get(name);
      if (!value) throw new DetectorError(`tensor "${name}" [${shape}] is missing`);
      if (!sameShape(value.shape, shape))
        throw new DetectorError(`tensor "${name}" should be [${shape}], is [${value.shape}]`);
      return [name, value];
    }),
  );
}

/** @throws DetectorError when the detector has no tensor of that name */
export function tensorOf({ tensors }: Pick<Detector, 'tensors'>, name: string): Tensor {
  const value = tensors.get(name);
  if (!value) throw new DetectorError(`the detector has no tensor "${name}"`);
  return value;
}
