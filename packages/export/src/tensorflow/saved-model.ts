/** Detectors as TensorFlow SavedModels. */
import { bindConstants, type Graph, input, ops, optimize } from '@froyolo/core';
import type { Detector } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { imageSize } from '../image-size.js';
import type { OnnxOptions } from '../onnx/write.js';

/** What of an export's options counts here. */
export type SavedModelOptions = Pick<OnnxOptions, 'imgsz' | 'batchSize' | 'dynamic' | 'half' | 'nms'>;

/**
 * The bytes of `saved_model.pb`, signature `serving_default`: `images` `[N, H, W, 3]`, values in 0..1, to `output0`
 * `[N, boxes, 5 + classes]` with centers and sizes as fractions of the image, as YOLOv5's TensorFlow exports have them.
 * @throws ExportError for half precision and suppression, which are written to ONNX alone
 */
export async function writeSavedModel(
  detector: Detector,
  options: SavedModelOptions = {},
): Promise<Uint8Array> {
  if (options.half || options.nms)
    throw new ExportError(
      'half precision and NMS in the graph are for ONNX: leave them out for a SavedModel',
    );
  const { toSavedModel } = await import('@froyolo/core/tensorflow');
  return toSavedModel(servingGraph(detector, options));
}

function servingGraph(
  detector: Detector,
  { imgsz = 640, batchSize = 1, dynamic = false }: SavedModelOptions,
): Graph {
  const { family, model, tensors } = detector;
  const [height, width] = imageSize(imgsz, Math.max(...model.strides));
  const batch = dynamic ? 'batch' : batchSize;
  const images = input('images', [batch, height, width, model.spec.channels]);
  const { heads } = model.forward(ops.transpose(images, [0, 3, 1, 2]), { batchNorm: () => 'running' });
  const predictions = family.decode(heads, model);
  const boxes = ops.concat(
    [0, 1, 2, 3].map((column) => {
      const side = column % 2 === 0 ? width : height;
      return ops.div(ops.slice(predictions, 2, column, column + 1), side);
    }),
    2,
  );
  const rest = ops.slice(predictions, 2, 4, 5 + model.numClasses);
  return optimize(bindConstants({ outputs: { output0: ops.concat([boxes, rest], 2) } }, tensors));
}
