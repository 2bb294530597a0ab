/** Named values that stay on the GPU between runs, each in a buffer of its own. */
import { GraphError, type Tensor } from '../../graph/node.js';
import { NamedStore } from '../named-store.js';
import type { Resources } from '../resource.js';
import type { Device } from './device.js';
import type { GpuBuffer } from './gpu.js';
import { fromWords, toWords } from './words.js';

/** A value of a store: its words, and what they mean. */
export interface StoredValue {
  readonly buffer: GpuBuffer;
  readonly shape: readonly number[];
  readonly dtype: Tensor['dtype'];
}

export class WebGpuStore extends NamedStore<StoredValue> {
  readonly #device: Device;

  constructor(resources: Resources, device: Device) {
    super(resources);
    this.#device = device;
  }

  /**
   * The buffer of a value that a run writes.
   * @throws GraphError if the store has none, or one of another size
   */
  target(name: string, words: number): GpuBuffer {
    const { buffer } = this.get(name) ?? {};
    if (buffer?.size !== words * 4)
      throw new GraphError(`the store has no value called "${name}" of that size`);
    return buffer;
  }

  override async write(values: ReadonlyMap<string, Tensor>): Promise<void> {
    await this.#device.watched(() => this.replace(values));
  }

  protected upload(value: Tensor): StoredValue {
    const words = toWords(value);
    const buffer = this.#device.createBuffer(words.byteLength);
    this.#device.write(buffer, 0, words);
    return { buffer, shape: value.shape, dtype: value.dtype };
  }

  protected async download({ buffer, shape, dtype }: StoredValue): Promise<Tensor> {
    const words = await this.#device.read(() => ({ ranges: [{ buffer, offset: 0, size: buffer.size }] }));
    return fromWords(words, dtype, shape);
  }

  protected release({ buffer }: StoredValue): void {
    buffer.destroy();
  }
}
