/** Detectors as files of TensorFlow: SavedModel and frozen graph. */
import type { Detector } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { freezeGraph, type GraphValue, type TensorflowOptions } from './frozen-graph.js';

/**
 * The bytes of `saved_model.pb`, signature `serving_default`: `images` `[N, H, W, 3]`, values in 0..1, to `output0`
 * `[N, boxes, 5 + classes]` with centers and sizes as fractions of the image, as YOLOv5's TensorFlow exports have them.
 * With suppression `output0` to `output3`: corners, confidences, classes, counts.
 * @throws ExportError for half precision, which is written to ONNX and TensorFlow.js alone
 */
export async function writeSavedModel(
  detector: Detector,
  options: TensorflowOptions = {},
): Promise<Uint8Array> {
  const { input, nodes, outputs } = await floatGraph(detector, options);
  const { encodeSavedModel, infoOf } = await import('@froyolo/core/tensorflow');
  const info = ({ name, shape, dtype }: GraphValue) => infoOf(name, shape, dtype);
  return encodeSavedModel(nodes, {
    serving_default: {
      inputs: { images: info(input) },
      outputs: Object.fromEntries(outputs.map((value, i) => [`output${i}`, info(value)])),
      methodName: 'tensorflow/serving/predict',
    },
  });
}

/**
 * The bytes of a frozen GraphDef as YOLOv5's `--include pb` has it: from `x` `[N, H, W, 3]` to `Identity`, or with
 * suppression to `Identity`, …, `Identity_3`.
 * @throws ExportError for half precision
 */
export async function writeFrozenGraph(
  detector: Detector,
  options: TensorflowOptions = {},
): Promise<Uint8Array> {
  const { nodes } = await floatGraph(detector, options);
  const { encodeGraphDef } = await import('@froyolo/core/tensorflow');
  return encodeGraphDef(nodes);
}

function floatGraph(detector: Detector, options: TensorflowOptions) {
  if (!options.half) return freezeGraph(detector, options);
  throw new ExportError(
    'half precision is for ONNX and TensorFlow.js: leave it out for other files of TensorFlow',
  );
}
