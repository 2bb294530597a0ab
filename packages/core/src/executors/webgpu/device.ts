/** A GPU with what all programs share: the layout of their bindings, and pipelines by text. */
import { GraphError } from '../../graph/node.js';
import { type GpuBuffer, type GpuDevice, type GpuEncoder, type GpuObject, MAP_READ, USAGE } from './gpu.js';

/** A part of a buffer, in bytes. */
export interface Range {
  readonly buffer: GpuBuffer;
  readonly offset: number;
  readonly size: number;
}

const COMPUTE_STAGE = 4;

export class Device {
  readonly gpu: GpuDevice;
  readonly groupLayout: GpuObject;
  readonly #pipelineLayout: GpuObject;
  readonly #pipelines = new Map<string, Promise<GpuObject>>();

  constructor(gpu: GpuDevice) {
    this.gpu = gpu;
    const buffer = (type: string, hasDynamicOffset = false) => ({ type, hasDynamicOffset });
    const entries = [buffer('storage'), buffer('read-only-storage'), buffer('read-only-storage', true)];
    this.groupLayout = gpu.createBindGroupLayout({
      entries: entries.map((entry, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer: entry })),
    });
    this.#pipelineLayout = gpu.createPipelineLayout({ bindGroupLayouts: [this.groupLayout] });
  }

  /** @throws GraphError with the program's text where the GPU refuses it */
  pipeline(text: string): Promise<GpuObject> {
    const known = this.#pipelines.get(text);
    if (known) return known;
    const made = this.#compile(text);
    this.#pipelines.set(text, made);
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
      throw new GraphError(
        `WebGPU refuses a program: ${error instanceof Error ? error.message : error}\n${text}`,
      );
    }
  }

  /** @throws GraphError where a buffer may not be that large */
  createBuffer(size: number): GpuBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (size > most)
      throw new GraphError(
        `out of memory: a step needs ${inMiB(size)} MiB on the GPU, which gives ${inMiB(most)}: take a smaller batch or image size`,
      );
    return this.gpu.createBuffer({
      size: Math.max(size, 4),
      usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget,
    });
  }

  write(buffer: GpuBuffer, offset: number, bytes: Uint8Array): void {
    if (bytes.byteLength > 0) this.gpu.queue.writeBuffer(buffer, offset, bytes);
  }

  /** Submits what `record` encodes, then copies ranges to the host, one after the other. */
  async read(
    ranges: readonly Range[],
    record: (encoder: GpuEncoder) => void = () => {},
  ): Promise<ArrayBuffer> {
    const total = ranges.reduce((sum, { size }) => sum + size, 0);
    const encoder = this.gpu.createCommandEncoder();
    record(encoder);
    const target = this.gpu.createBuffer({
      size: Math.max(total, 4),
      usage: USAGE.mapRead | USAGE.copyTarget,
    });
    let at = 0;
    for (const { buffer, offset, size } of ranges) {
      if (size > 0) encoder.copyBufferToBuffer(buffer, offset, target, at, size);
      at += size;
    }
    this.gpu.queue.submit([encoder.finish()]);
    try {
      await target.mapAsync(MAP_READ);
      return target.getMappedRange().slice(0);
    } finally {
      target.destroy();
    }
  }

  dispose(): void {
    this.gpu.destroy();
  }
}

const inMiB = (bytes: number) => Math.ceil(bytes / 2 ** 20);
