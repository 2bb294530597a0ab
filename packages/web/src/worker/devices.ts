/** One device is open at a time. */
import { type OpenDevice, open } from './device.js';

export class Devices {
  readonly #open: (request: string) => Promise<OpenDevice>;
  #device: { readonly request: string; readonly opened: Promise<OpenDevice> } | undefined;

  constructor(opens = open) {
    this.#open = opens;
  }

  /** Opens a device unless it is open already; one that failed to open, or was lost, is opened again. */
  async get(request: string): Promise<OpenDevice> {
    if (this.#device?.request !== request) {
      const before = this.#device;
      this.#device = { request, opened: this.#open(request) };
      await before?.opened.then(({ opened }) => opened.executor.dispose()).catch(() => {});
    }
    const device = this.#device;
    const forget = () => {
      if (this.#device === device) this.#device = undefined;
    };
    try {
      const result = await device.opened;
      void result.opened.lost?.then(forget);
      return result;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
