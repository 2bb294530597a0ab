/** What a checkpoint holds when it isn't a YOLOv5 detector: told from its classes and from the names of its tensors. */
import type { Checkpoint } from './checkpoint.js';
import { CheckpointError } from './errors.js';
import type { TensorData } from './tensor.js';

interface Kind {
  readonly what: string;
  readonly advice: string;
  /** Whether a file is of this kind, by its pickled classes or the names of its tensors. */
  is(names: readonly string[], classes: string): boolean;
}

const some = (names: readonly string[], pattern: RegExp) => names.some((name) => pattern.test(name));

/** The first that fits counts. */
const KINDS: readonly Kind[] = [
  {
    what: 'The weights are of YOLOv8 or later (the ultralytics package), another network than YOLOv5',
    advice:
      'Take a checkpoint of YOLOv5, such as yolov5n.pt; files ending in "u.pt" are of that package too.',
    is: (names, classes) => classes.includes('ultralytics.') || some(names, /\.dfl\.conv\.weight$/),
  },
  {
    what: 'The weights are of YOLOv7, another network than YOLOv5',
    advice: 'Take a checkpoint of YOLOv5, such as yolov5n.pt.',
    is: (names, classes) =>
      /\.I(Aux|Keypoint|Bin)?Detect\b/.test(classes) ||
      some(names, /\.(i[am]\.\d+\.implicit|rbr_dense\.0\.weight)$/),
  },
  {
    what: 'The weights are of a segmentation model',
    advice: 'Take the detection model of the same size, such as yolov5n.pt for yolov5n-seg.pt.',
    is: (names, classes) => /\.Segment(ationModel)?\b/.test(classes) || some(names, /\.proto\.cv\d\./),
  },
  {
    what: 'The weights are of a classification model, which finds no boxes',
    advice: 'Take the detection model of the same size, such as yolov5n.pt for yolov5n-cls.pt.',
    is: (names, classes) =>
      /\.Classif(y|icationModel)\b/.test(classes) || some(names, /^model\.\d+\.linear\.weight$/),
  },
  {
    what: 'The model was fused before it was saved: its batch normalization is gone into the convolutions',
    advice: 'Take the checkpoint that the training wrote (best.pt or last.pt), saved before model.fuse().',
    is: (names) => some(names, /\.conv\.bias$/) && !some(names, /\.bn\.weight$/),
  },
];

/**
 * Checks that a checkpoint can be a YOLOv5 detector: of no other network, not fused, without NaN or infinite values, and
 * without variances below 0, which give NaN.
 * @throws CheckpointError that says what it is instead, and what to take
 */
export function checkDetector({ tensors, classes = '', file = 'weights' }: Checkpoint): void {
  const names = [...tensors.keys()];
  const kind = KINDS.find(({ is }) => is(names, classes));
  if (kind) throw new CheckpointError(kind.what, file, kind.advice);
  for (const [name, tensor] of tensors) {
    const negative = name.endsWith('.running_var') ? countNegative(tensor) : 0;
    if (negative > 0)
      throw new CheckpointError(
        `${negative} of ${tensor.data.length} variances of "${name}" are negative`,
        file,
        'Take a checkpoint that a training wrote: no training makes such values.',
      );
    const bad = countNonFinite(tensor);
    if (bad === 0) continue;
    throw new CheckpointError(
      `${bad} of ${tensor.data.length} values of "${name}" are NaN or infinite: the training that wrote them failed`,
      file,
      'Take an earlier checkpoint of it, or train again in float32 (GPUs without float16 units, as the GTX 16 series, give NaN in mixed precision).',
    );
  }
}

/** Exponents of all ones, by element type: infinity or NaN. */
const EXPONENT: Partial<Record<TensorData['dtype'], number>> = { float16: 0x7c00, bfloat16: 0x7f80 };

/** Values below 0, by their sign where they are given as bits. */
function countNegative({ dtype, data }: TensorData): number {
  const areBits = EXPONENT[dtype] !== undefined;
  let count = 0;
  for (const value of data) if (areBits ? Number(value) > 0x8000 : value < 0) count++;
  return count;
}

function countNonFinite({ dtype, data }: TensorData): number {
  const exponent = EXPONENT[dtype];
  let count = 0;
  if (exponent !== undefined) {
    for (const bits of data) if ((Number(bits) & exponent) === exponent) count++;
  } else if (data instanceof Float32Array || data instanceof Float64Array) {
    for (const value of data) if (!Number.isFinite(value)) count++;
  }
  return count;
}
