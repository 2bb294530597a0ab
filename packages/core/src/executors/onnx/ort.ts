import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';

/** What this executor uses of `onnxruntime-node` or `onnxruntime-web`; the caller imports the one it has. */
export interface OrtRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof OrtTensor;
}
