/**
 * How long each kind of work takes on onnxruntime's CPU provider. Fitted to onnxruntime's own profile of single training
 * steps of yolov5n at freeze 0 and 10 on two AVX2 cores (docs/results/plan.md). Another machine is faster or slower
 * in all of them alike, more or less: only ratios of times are claimed.
 */
import type { WorkRates } from '@froyolo/core/onnx';

export const CPU_RATES: WorkRates = {
  blockedConvFlops: 1 / 220e9,
  convFlops: 1 / 137e9,
  productFlops: 1 / 172e9,
  activations: 1 / 5.4e9,
  elementwiseBytes: 1 / 58e9,
  rearrangedBytes: 1 / 20e9,
  ops: 5.5e-6,
};
