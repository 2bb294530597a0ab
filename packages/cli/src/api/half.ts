/** Half precision, where the device has it. */
import type { Executor } from '@froyolo/core';

/** Whether an executor computes in half precision; if not, a warning says which devices do. */
export function usesHalf({ name, halfPrecision }: Executor, warn?: (text: string) => void): boolean {
  if (!halfPrecision)
    warn?.(
      `half precision is not for ${name}, which computes in float32; the CUDA devices have it, and wgsl in a browser, and so have ONNX files written by ` +
        '"froyolo export --half"',
    );
  return halfPrecision === true;
}
