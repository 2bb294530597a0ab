/** The part of `@tensorflow/tfjs-core` in use, or of a package that re-exports it such as `tfjs-node`. */

export interface TfTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dispose(): void;
}

export interface TfEngine {
  runKernel(
    name: string,
    inputs: Record<string, TfTensor> | readonly TfTensor[],
    attrs?: Record<string, KernelAttr>,
  ): TfTensor | TfTensor[];
}

export interface TfRuntime {
  engine(): TfEngine;
  /** Name of the backend in use: `tensorflow` (tfjs-node), `webgpu`, `wasm`, `cpu`. */
  getBackend(): string;
  getKernel(name: string, backend: string): object | undefined;
  tensor(values: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32'): TfTensor;
}

export type KernelAttr = number | string | boolean | number[] | number[][];
