import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';

/** The part of `onnxruntime-node` and `onnxruntime-web` in use; the caller imports one of them. */
export interface OrtRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof OrtTensor;
}
