/** The architecture of bare tensors. */
import { ARCHITECTURES, architectureYaml } from './architectures.js';
import { buildModel, type Model } from './model.js';
import { parseModelYaml } from './spec.js';

/** Tensors of a state dict, by name. */
type Tensors = ReadonlyMap<string, { readonly shape: readonly number[] }>;

export interface Recognized {
  /** Text of the architecture. */
  readonly yaml: string;
  readonly numClasses: number;
  /** Pixels per cell of each level. */
  readonly strides: readonly number[];
  /** Name of the tensor with the anchors in cells, `[levels, anchors, 2]`. */
  readonly anchors: string;
}

/** Values per anchor before the classes: x, y, width, height, objectness. */
const BOX_VALUES = 5;

/** The official architecture that has exactly these parameters; undefined when none has. */
export function recognizeArchitecture(tensors: Tensors): Recognized | undefined {
  for (const name of ARCHITECTURES) {
    const yaml = architectureYaml(name);
    const head = parseModelYaml(yaml).layers.length - 1;
    const numClasses = classesOf(tensors, head);
    if (numClasses === undefined || !startsAlike(yaml, tensors)) continue;
    const model = buildModel(parseModelYaml(yaml, { numClasses }));
    const { strides } = model;
    if (hasAll(model, tensors)) return { yaml, numClasses, strides, anchors: `model.${head}.anchors` };
  }
  return undefined;
}

/** Number of classes by the shapes of Detect, when that is layer `index`. */
function classesOf(tensors: Tensors, index: number): number | undefined {
  const outputs = tensors.get(`model.${index}.m.0.weight`)?.shape[0];
  const anchors = tensors.get(`model.${index}.anchors`)?.shape[1];
  if (!outputs || !anchors) return undefined;
  const numClasses = outputs / anchors - BOX_VALUES;
  return Number.isInteger(numClasses) && numClasses > 0 ? numClasses : undefined;
}

/** Whether the first layer is as wide: architectures of one kind differ by that, and building one takes a while. */
function startsAlike(yaml: string, tensors: Tensors): boolean {
  const { layers, widthMultiple } = parseModelYaml(yaml);
  const width = Math.ceil((Number(layers[0]?.args[0]) * widthMultiple) / 8) * 8;
  return tensors.get('model.0.conv.weight')?.shape[0] === width;
}

const hasAll = ({ parameters }: Model, tensors: Tensors) =>
  parameters.every(({ name, shape }) => String(tensors.get(name)?.shape) === String(shape));
