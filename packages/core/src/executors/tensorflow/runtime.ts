/** What the executor uses of `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
import type { TfTensor } from '../tfjs/runtime.js';

export type NamedTensors = Record<string, TfTensor>;

/** A signature of a loaded SavedModel; those of one folder share a session. */
export interface TfSignature {
  predict(inputs: NamedTensors): TfTensor | TfTensor[] | NamedTensors;
  dispose(): void;
}

export interface TfNodeRuntime {
  tensor(values: Int32Array, shape: number[], dtype: 'int32'): TfTensor;
  readonly node: {
    loadSavedModel(path: string, tags: string[], signature: string): Promise<TfSignature>;
  };
}
