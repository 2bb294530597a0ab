/** What a process that trains takes beside the training step. */
import { analyzeProgram } from '@froyolo/core/onnx';
import { buildInferenceGraph, type Detector } from '@froyolo/yolo';
import { type PlanOptions, sizesFor } from './plan-step.js';

/** Node, the libraries, and the graphs as they are built and compiled: measured, docs/results/plan.md. */
const RUNTIME_BYTES = 0.3e9;

/** Images as they are decoded, augmented and kept ready, for each pixel of a batch: measured, docs/results/plan.md. */
const LOADING_BYTES_PER_PIXEL = 150;

/** Bytes of the process without the step: runtime, data loading, and validation, whose batches are twice as large. */
export function surroundingBytes(detector: Detector, options: PlanOptions): number {
  const { imgsz, batchSize } = options;
  const validation = buildInferenceGraph(detector, [imgsz, imgsz], { loss: options });
  const { allocatedBytes, inputBytes, constantBytes } = analyzeProgram(
    validation,
    sizesFor(validation, 2 * batchSize),
  );
  const loading = LOADING_BYTES_PER_PIXEL * batchSize * imgsz ** 2;
  return RUNTIME_BYTES + loading + allocatedBytes + inputBytes + constantBytes;
}
