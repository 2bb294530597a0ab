/** The part of WebGPU's API in use; its types aren't part of TypeScript's library. */

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

/** Pipelines, layouts, groups and modules: passed on, never looked into. */
export interface GpuObject {
  readonly label: string;
}

interface GpuPass {
  setPipeline(pipeline: GpuObject): void;
  setBindGroup(index: number, group: GpuObject, offsets?: readonly number[]): void;
  dispatchWorkgroups(x: number, y: number): void;
  end(): void;
}

export interface GpuEncoder {
  beginComputePass(): GpuPass;
  copyBufferToBuffer(
    from: GpuBuffer,
    fromOffset: number,
    to: GpuBuffer,
    toOffset: number,
    size: number,
  ): void;
  finish(): GpuObject;
}

export interface GpuDevice {
  readonly limits: Readonly<Record<'maxStorageBufferBindingSize' | 'maxBufferSize', number>>;
  readonly features: ReadonlySet<string>;
  readonly queue: {
    submit(commands: readonly GpuObject[]): void;
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
  };
  readonly lost: Promise<{ readonly message: string }>;
  createBuffer(options: { readonly size: number; readonly usage: number }): GpuBuffer;
  createBindGroupLayout(options: object): GpuObject;
  createPipelineLayout(options: object): GpuObject;
  createShaderModule(options: { readonly code: string }): GpuObject;
  createComputePipelineAsync(options: object): Promise<GpuObject>;
  createBindGroup(options: object): GpuObject;
  createCommandEncoder(): GpuEncoder;
  pushErrorScope(filter: 'validation' | 'out-of-memory'): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

/** Bits of `GPUBufferUsage` and `GPUMapMode`, which only browsers define. */
export const USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, storage: 128 } as const;
export const MAP_READ = 1;
