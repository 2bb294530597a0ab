/** What exported networks say of their classes, and the detector that stands for such a network. */
import { buildModel, parseModelYaml } from '@froyolo/model-yaml';
import { type Detector, type ForeignNetwork, familyNamed } from '@froyolo/yolo';
import { ExportError } from './errors.js';

/** Values of a row of predictions before the classes: x, y, width, height, objectness. */
export const BOX_VALUES = 5;
const MOST_CLASSES = 100_000;
const LARGEST_STRIDE = 1024;

export const refused = (file: string, what: string, advice = 'Take an export of a YOLOv5 detection model.') =>
  new ExportError(`${file} is no detector of YOLOv5: it ${what}. ${advice}`);

/**
 * Names by index: those that the file gives, or `class0`, …
 * @param columns of the predictions, where they are known
 */
export function classNames(
  file: string,
  names: readonly string[] | undefined,
  columns: number | undefined,
): readonly string[] {
  const count = columns === undefined ? names?.length : columns - BOX_VALUES;
  if (count === undefined || count < 1 || (names && names.length !== count) || count > MOST_CLASSES)
    throw refused(file, `has an output of ${columns} columns for ${names?.length ?? 'unknown'} classes`);
  return names ?? Array.from({ length: count }, (_, i) => `class${i}`);
}

export function checkStride(file: string, stride: number): number {
  if (Number.isInteger(stride) && stride >= 1 && stride <= LARGEST_STRIDE) return stride;
  throw refused(file, `names the stride "${stride}"`);
}

/** A detector that runs `network`; its architecture, the smallest with those classes, tells them and the stride. */
export function detectorOf(
  network: ForeignNetwork,
  { names, stride, channels }: { names: readonly string[]; stride: number; channels: number },
): Detector {
  const family = familyNamed('yolov5');
  const spec = parseModelYaml(
    {
      nc: names.length,
      ch: channels,
      anchors: [[1, 1]],
      backbone: [[-1, 1, 'Conv', [8, 1, 1]]],
      head: [[[0], 1, 'Detect', ['nc', 'anchors']]],
    },
    { fileName: network.file },
  );
  const model = { ...buildModel(spec, family.head), strides: [stride] };
  return { family, model, tensors: new Map(), names, network };
}
