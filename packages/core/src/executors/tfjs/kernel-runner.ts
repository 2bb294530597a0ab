/** Values on the device: who owns a tensor, in which layout it is, and when it goes away. */
import { GraphError } from '../../graph/node.js';
import type { MappedInputs } from '../../ops/op-node.js';
import type { AttrsOf, OpName } from '../../ops/table.js';
import { between, identity, isIdentity, keepsOrder, type Layout } from './layout.js';
import type { KernelAttr, TfRuntime, TfTensor } from './runtime.js';

/** A tensor that several values may share, with its copies in other layouts; freed with its last reference. */
export class DeviceBuffer {
  #references = 1;
  readonly #copies = new Map<string, TfTensor>();
  readonly tensor: TfTensor;

  constructor(tensor: TfTensor) {
    this.tensor = tensor;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references > 0) return;
    this.tensor.dispose();
    for (const copy of this.#copies.values()) copy.dispose();
    this.#copies.clear();
  }

  /** The tensor with its axes in another order, made at the first call. */
  transposed(perm: readonly number[], make: () => TfTensor): TfTensor {
    const key = perm.join();
    const copy = this.#copies.get(key) ?? make();
    this.#copies.set(key, copy);
    return copy;
  }
}

export interface DeviceValue {
  readonly buffer: DeviceBuffer;
  readonly layout: Layout;
  /** Shape in the graph, with every symbolic size known. */
  readonly shape: readonly number[];
}

/** Runs kernels for lowerings. What a lowering makes and doesn't return is freed by `freeTemporaries`. */
export class KernelRunner {
  readonly #tf: TfRuntime;
  readonly #executorName: string;
  readonly #temporaries = new Set<TfTensor>();
  readonly #constants = new Map<string, TfTensor>();

  constructor(tf: TfRuntime, executorName: string) {
    this.#tf = tf;
    this.#executorName = executorName;
  }

  get backend(): string {
    return this.#tf.getBackend();
  }

  has(kernel: string): boolean {
    return Boolean(this.#tf.getKernel(kernel, this.backend));
  }

  run(
    kernel: string,
    inputs: Record<string, TfTensor> | readonly TfTensor[],
    attrs?: Record<string, KernelAttr>,
  ): TfTensor {
    if (!this.has(kernel))
      throw new GraphError(`${this.#executorName}: the backend "${this.backend}" has no kernel "${kernel}"`);
    const result = this.#tf.engine().runKernel(kernel, inputs, attrs);
    const [first] = Array.isArray(result) ? result : [result];
    this.#temporaries.add(first);
    return first;
  }

  reshape(x: TfTensor, shape: readonly number[]): TfTensor {
    const same = x.shape.length === shape.length && x.shape.every((size, i) => size === shape[i]);
    return same ? x : this.run('Reshape', { x }, { shape: [...shape] });
  }

  /** The tensor of a value in a layout; a copy is kept with the value. */
  in({ buffer, layout }: DeviceValue, wanted: Layout): TfTensor {
    const perm = between(layout, wanted);
    if (isIdentity(perm)) return buffer.tensor;
    return buffer.transposed(perm, () => this.#keep(this.transpose(buffer.tensor, perm)));
  }

  transpose(x: TfTensor, perm: readonly number[]): TfTensor {
    if (keepsOrder(x.shape, perm)) {
      return this.reshape(
        x,
        perm.map((axis) => x.shape[axis]),
      );
    }
    return this.run('Transpose', { x }, { perm: [...perm] });
  }

  #keep(tensor: TfTensor): TfTensor {
    this.#temporaries.delete(tensor);
    return tensor;
  }

  /** The tensor of a value with its axes in the graph's order. */
  plain(value: DeviceValue): TfTensor {
    return this.in(value, identity(value.shape.length));
  }

  /** Wraps a tensor that a lowering made and returns, stored in `layout` (the graph's order unless given). */
  value(tensor: TfTensor, layout: Layout = identity(tensor.shape.length)): DeviceValue {
    const shape = identity(layout.length).map((axis) => tensor.shape[layout.indexOf(axis)]);
    return { buffer: new DeviceBuffer(this.#keep(tensor)), layout, shape };
  }

  /** The same elements under another shape or order of axes. */
  alias(
    { buffer, layout, shape }: DeviceValue,
    change: Partial<Pick<DeviceValue, 'layout' | 'shape'>> = {},
  ): DeviceValue {
    return { buffer: buffer.retain(), layout, shape, ...change };
  }

  /** `[count]` times the same number, or a scalar: made once. */
  constant(value: number, count?: number): TfTensor {
    const key = `${value} ${count}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const data = new Float32Array(count ?? 1).fill(value);
    const made = this.#tf.tensor(data, count === undefined ? [] : [count], 'float32');
    this.#constants.set(key, made);
    return made;
  }

  /** A scalar that differs from run to run. */
  scalar(value: number): TfTensor {
    const made = this.#tf.tensor(Float32Array.of(value), [], 'float32');
    this.#temporaries.add(made);
    return made;
  }

  freeTemporaries(): void {
    for (const tensor of this.#temporaries) tensor.dispose();
    this.#temporaries.clear();
  }

  dispose(): void {
    for (const tensor of this.#constants.values()) tensor.dispose();
    this.#constants.clear();
  }
}

/** `shape` is the result's, with every symbolic size known. */
export type Lowering<O extends OpName> = (
  runner: KernelRunner,
  inputs: MappedInputs<O, DeviceValue>,
  attrs: AttrsOf<O>,
  shape: readonly number[],
) => DeviceValue;
