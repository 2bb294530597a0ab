/** Devices that runs share, one run on each at a time. */
import { severalDevices } from '@froyolo/run/node';
import { StudyError } from './errors.js';

export class DevicePool {
  readonly #devices: readonly (string | undefined)[];
  /** Places in `#devices`. */
  readonly #busy = new Set<number>();

  private constructor(devices: readonly (string | undefined)[]) {
    this.#devices = devices;
  }

  /**
   * @param device the setting: one device, or several GPUs such as `0,1`
   * @throws DeviceError for a GPU that isn't there
   */
  static async open(device: string | undefined): Promise<DevicePool> {
    return new DevicePool(device?.includes(',') ? await severalDevices(device) : [device]);
  }

  /** Runs that may be under way at the same time. */
  get size(): number {
    return this.#devices.length;
  }

  /** Does something on the first device that nobody else of this pool uses meanwhile. */
  async use<T>(work: (device: string | undefined) => Promise<T>): Promise<T> {
    const place = this.#devices.findIndex((_, i) => !this.#busy.has(i));
    if (place < 0) throw new StudyError(`more than ${this.size} runs at a time`);
    this.#busy.add(place);
    try {
      return await work(this.#devices[place]);
    } finally {
      this.#busy.delete(place);
    }
  }
}
