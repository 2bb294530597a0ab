/** One device is open at a time. */
import { type OpenDevice, open } from './device.js';

export class Devices {
  #device: { readonly request: string; readonly opened: Promise<OpenDevice> } | undefined;

  /** Opens a device where another one is open or none; one that failed to open is tried again. */
  async get(request: string): Promise<OpenDevice> {
    if (this.#device?.request !== request) {
      const before = this.#device;
      this.#device = { request, opened: open(request) };
      await before?.opened.then(({ opened }) => opened.executor.dispose()).catch(() => {});
    }
    try {
      return await this.#device.opened;
    } catch (error) {
      this.#device = undefined;
      throw error;
    }
  }
}
