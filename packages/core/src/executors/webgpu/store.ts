/** Named values that stay on the GPU between runs, each in a buffer of its own. */
import { GraphError, type Tensor } from '../../graph/node.js';
import type { Store } from '../executor.js';
import { Resource, type Resources, readEach } from '../resource.js';
import type { Device } from './device.js';
import type { GpuBuffer } from './gpu.js';
import { fromWords, toWords } from './words.js';

/** A value of a store: its words, and what they mean. */
export interface StoredValue {
  readonly buffer: GpuBuffer;
  readonly shape: readonly number[];
  readonly dtype: Tensor['dtype'];
}

export class WebGpuStore extends Resource implements Store {
  readonly #device: Device;
  readonly #values = new Map<string, StoredValue>();

  constructor(resources: Resources, device: Device) {
    super(resources);
    this.#device = device;
  }

  get names() {
    return [...this.#values.keys()];
  }

  get(name: string): StoredValue | undefined {
    return this.#values.get(name);
  }

  /**
   * The buffer of a value that a run writes.
   * @throws GraphError where the store has none, or one of another size
   */
  target(name: string, words: number): GpuBuffer {
    const { buffer } = this.#values.get(name) ?? {};
    if (buffer?.size !== words * 4)
      throw new GraphError(`the store has no value called "${name}" of that size`);
    return buffer;
  }

  async read(names: readonly string[] = this.names) {
    return readEach(names, this.#values, async ({ buffer, shape, dtype }) => {
      const words = await this.#device.read(() => ({ ranges: [{ buffer, offset: 0, size: buffer.size }] }));
      return fromWords(words, dtype, shape);
    });
  }

  async write(values: ReadonlyMap<string, Tensor>) {
    await this.#device.watched(() => {
      for (const [name, value] of values) this.#write(name, value);
    });
  }

  #write(name: string, value: Tensor): void {
    const words = toWords(value);
    this.#values.get(name)?.buffer.destroy();
    const buffer = this.#device.createBuffer(words.byteLength);
    this.#device.write(buffer, 0, words);
    this.#values.set(name, { buffer, shape: value.shape, dtype: value.dtype });
  }

  protected async free() {
    for (const { buffer } of this.#values.values()) buffer.destroy();
    this.#values.clear();
  }
}
