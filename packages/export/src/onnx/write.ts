/** Detectors as ONNX models that read as YOLOv5's own exports do. */
import { type Detector, strideOf } from '@froyolo/yolo';
import { ExportError } from '../errors.js';
import { imageSize } from '../image-size.js';
import type { Size } from './graph.js';
import { toHalf } from './half.js';
import { namesLiteral } from './metadata.js';
import { lowerNetwork } from './network.js';
import { DETECTION_COLUMNS, type NmsOptions, suppress } from './nms.js';
import { DEFAULT_OPSET, MAX_OPSET, MIN_OPSET, toOpset } from './opset.js';

export interface OnnxOptions {
  /** Height and width of the images in pixels, or one number for both: multiples of the largest stride. Default 640. */
  readonly imgsz?: number | readonly [height: number, width: number];
  /** Images of a batch. Default 1. */
  readonly batchSize?: number;
  /** Number and size of the images are decided at each run. Default false. */
  readonly dynamic?: boolean;
  /** Weights, images and predictions are float16. Default false. */
  readonly half?: boolean;
  /** Version of ONNX's operators, 12 to 21. Default 12, as YOLOv5's. */
  readonly opset?: number;
  /** Suppress overlapping boxes in the graph: the output is `[N, topkAll, 6]`, zeros after the last detection. */
  readonly nms?: boolean | NmsOptions;
}

/**
 * One input `images` `[N, 3, H, W]`, values in 0..1; one output `output0` `[N, boxes, 5 + classes]`: center x, y, width,
 * height in pixels, objectness, class probabilities. Metadata `stride` and `names`. Only standard operators.
 * @throws ExportError on options that don't go together
 */
export function writeOnnx(detector: Detector, options: OnnxOptions = {}): Uint8Array {
  const { batchSize = 1, dynamic = false, half = false, opset = DEFAULT_OPSET } = options;
  if (!Number.isInteger(opset) || opset < MIN_OPSET || opset > MAX_OPSET)
    throw new ExportError(`opset ${opset} can't be written: choose one from ${MIN_OPSET} to ${MAX_OPSET}`);
  const stride = strideOf(detector);
  const { graph, predictions, imageShape, boxes } = lowerNetwork(detector, {
    batchSize: dynamic ? 'batch' : batchSize,
    imgsz: dynamic ? 'any' : imageSize(options.imgsz ?? 640, stride),
  });
  const dtype = half ? 'float16' : 'float32';
  if (half) toHalf(graph);
  graph.setInput('images', dtype, imageShape);
  const { numClasses } = detector.model;
  const batch: Size = dynamic ? 'batch' : batchSize;
  if (options.nms) {
    const nms = options.nms === true ? {} : options.nms;
    const floats = half ? graph.emit('Cast', [predictions], { to: 1 }) : predictions;
    const detections = suppress(graph, floats, numClasses, nms);
    graph.addOutput(detections, 'output0', 'float32', [batch, nms.topkAll ?? 100, DETECTION_COLUMNS]);
  } else graph.addOutput(predictions, 'output0', dtype, [batch, boxes, 5 + numClasses]);
  toOpset(graph, opset);
  return graph.encode(opset, {
    stride: String(stride),
    names: namesLiteral(detector.names),
    ...(options.nms ? { nms: 'true' } : {}),
  });
}
