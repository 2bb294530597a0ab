/** Half precision, where the device has it. */
import type { Executor } from '@froyolo/core';

/** Whether an executor computes in half precision; says so where it doesn't. */
export function usesHalf({ name, halfPrecision }: Executor, warn?: (text: string) => void): boolean {
  if (!halfPrecision) warn?.(`half precision is not for ${name}: it computes in float32`);
  return halfPrecision === true;
}
