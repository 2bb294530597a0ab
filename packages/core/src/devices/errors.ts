import { FroyoloError } from '@froyolo/errors';

/** Errors of devices. */

/** A device that is not known, not there or not supported; the message says what to do instead. */
export class DeviceError extends FroyoloError {
  override name = 'DeviceError';
  override readonly code = 'ERR_DEVICE';
}

/** A device that failed while it worked: out of memory, a lost GPU. `cause` is the original error. */
export class DeviceFailedError extends FroyoloError {
  override name = 'DeviceFailedError';
  override readonly code = 'ERR_DEVICE_FAILED';
  /** Name of the device. */
  readonly device: string;

  constructor(device: string, cause: unknown) {
    super(`the device ${device} failed: ${firstLine(cause)}`, { cause });
    this.device = device;
  }

  /** Tells whether the device ran out of memory. */
  get outOfMemory(): boolean {
    return /memory|alloc|resource exhausted/i.test(String(this.cause));
  }
}

/** One line for the user: native libraries put the place in their source before, and stacks after. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ''] = text.trim().split('\n');
  return line.replace(/^\/onnxruntime_src\/.* was false\. /, '').trim() || 'no reason given';
}
