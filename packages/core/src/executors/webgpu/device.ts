/** A GPU and what its programs share: the layout of bindings, and pipelines by their text. */
import { GraphError, messageOf } from '../../graph/node.js';
import { type Abilities, abilitiesOf } from './abilities.js';
import { type GpuBuffer, type GpuDevice, type GpuEncoder, type GpuObject, MAP_READ, USAGE } from './gpu.js';

/** A part of a buffer, in bytes. */
export interface Range {
  readonly buffer: GpuBuffer;
  readonly offset: number;
  readonly size: number;
}

/** What a submission does. */
export interface Job {
  /** Ranges copied back to the host. */
  readonly ranges: readonly Range[];
  /** Encodes the work that comes before. */
  record?(encoder: GpuEncoder): void;
}

const COMPUTE_STAGE = 4;

export class Device {
  readonly gpu: GpuDevice;
  /** What its programs may use. */
  readonly can: Abilities;
  readonly groupLayout: GpuObject;
  readonly #pipelineLayout: GpuObject;
  readonly #pipelines = new Map<string, Promise<GpuObject>>();
  /** Why the GPU was lost, if it was. */
  #loss: string | undefined;

  constructor(gpu: GpuDevice, language: ReadonlySet<string>) {
    this.gpu = gpu;
    this.can = abilitiesOf(gpu.features, language);
    void gpu.lost.then(({ message }) => {
      this.#loss = message;
    });
    const buffer = (type: string, hasDynamicOffset = false) => ({ type, hasDynamicOffset });
    const entries = [buffer('storage'), buffer('read-only-storage'), buffer('read-only-storage', true)];
    this.groupLayout = gpu.createBindGroupLayout({
      entries: entries.map((entry, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer: entry })),
    });
    this.#pipelineLayout = gpu.createPipelineLayout({ bindGroupLayouts: [this.groupLayout] });
  }

  /**
   * @throws GraphError with the program's text where the GPU refuses it
   * @throws Error where the GPU fails
   */
  pipeline(text: string): Promise<GpuObject> {
    const known = this.#pipelines.get(text);
    if (known) return known;
    const made = this.#compile(text);
    this.#pipelines.set(text, made);
    made.catch(() => this.#pipelines.delete(text));
    return made;
  }

  async #compile(text: string): Promise<GpuObject> {
    try {
      const module = this.gpu.createShaderModule({ code: text });
      return await this.gpu.createComputePipelineAsync({
        layout: this.#pipelineLayout,
        compute: { module, entryPoint: 'main' },
      });
    } catch (error) {
      const isRefused = (error as { readonly reason?: unknown }).reason === 'validation';
      if (isRefused && this.#loss === undefined)
        throw new GraphError(`WebGPU refuses a program: ${messageOf(error)}\n${text}`);
      throw this.#failure(error);
    }
  }

  /** Turns a caught value into an error; once the GPU is lost, that is the cause of any other. */
  #failure(error: unknown): Error {
    if (this.#loss === undefined) return new Error(messageOf(error));
    return new Error(`the GPU was lost${this.#loss ? `: ${this.#loss}` : ''}`);
  }

  /** @throws Error where a buffer may not be that large */
  createBuffer(size: number): GpuBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (size > most)
      throw new Error(
        `out of memory: ${inMiB(size)} MiB are needed at once, and the GPU gives ${inMiB(most)}`,
      );
    return this.gpu.createBuffer({
      size: Math.max(size, 4),
      usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget,
    });
  }

  write(buffer: GpuBuffer, offset: number, bytes: Uint8Array): void {
    if (bytes.byteLength > 0) this.gpu.queue.writeBuffer(buffer, offset, bytes);
  }

  /**
   * Submits what a job encodes, then copies its ranges to the host, one after the other.
   * @param prepare makes buffers, writes to them and gives the job, without waiting for anything
   * @throws Error where the GPU refuses the job, has no memory for it or is lost
   */
  async read(prepare: () => Job): Promise<ArrayBuffer> {
    const { target, mapped } = await this.watched(() => this.#submit(prepare()));
    try {
      await mapped;
      return target.getMappedRange().slice(0);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      target.destroy();
    }
  }

  /**
   * Calls a function that gives the GPU work without waiting, and waits until the GPU has accepted all of it: WebGPU reports
   * errors only in scopes that are opened and closed around the work.
   * @throws Error where it did not
   */
  async watched<T>(work: () => T): Promise<T> {
    this.gpu.pushErrorScope('validation');
    this.gpu.pushErrorScope('out-of-memory');
    const failures = () => Promise.all([this.gpu.popErrorScope(), this.gpu.popErrorScope()]);
    let value: T;
    try {
      value = work();
    } catch (error) {
      failures().catch(() => {});
      throw error;
    }
    await this.#accepted(failures());
    return value;
  }

  async #accepted(failures: Promise<readonly ({ readonly message: string } | null)[]>): Promise<void> {
    const [memory, validation] = await failures.catch((error) => {
      throw this.#failure(error);
    });
    if (memory) throw new Error(`out of memory: ${memory.message}`);
    if (validation || this.#loss !== undefined) throw this.#failure(new Error(validation?.message));
  }

  #submit({ ranges, record }: Job) {
    const total = ranges.reduce((sum, { size }) => sum + size, 0);
    const target = this.gpu.createBuffer({
      size: Math.max(total, 4),
      usage: USAGE.mapRead | USAGE.copyTarget,
    });
    const encoder = this.gpu.createCommandEncoder();
    record?.(encoder);
    let at = 0;
    for (const { buffer, offset, size } of ranges) {
      if (size > 0) encoder.copyBufferToBuffer(buffer, offset, target, at, size);
      at += size;
    }
    this.gpu.queue.submit([encoder.finish()]);
    const mapped = target.mapAsync(MAP_READ);
    // If this fails, the submission fails too, and its error says more.
    mapped.catch(() => {});
    return { target, mapped };
  }

  dispose(): void {
    this.gpu.destroy();
  }
}

const inMiB = (bytes: number) => Math.ceil(bytes / 2 ** 20);
