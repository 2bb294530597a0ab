/** What an execution provider of onnxruntime can do: how a graph is lowered for it. */

export interface OnnxTarget {
  /** Ops of onnxruntime outside the ONNX standard may be used: faster there, unknown elsewhere. */
  readonly contrib: boolean;
  /** MaxPool can be asked for the indices of the maxima. */
  readonly poolIndices: boolean;
  /** Conv is right for every number of input channels. */
  readonly anyChannels: boolean;
  /**
   * The provider is onnxruntime's for CPUs, in WebAssembly or not: it has a convolution that adds its result to another
   * value (FusedConv), and copies fastest by convolving. Counts only with `contrib`.
   */
  readonly onCpu: boolean;
  /** Channels in a block of onnxruntime's blocked layout, for convolutions whose weight is trained; 1: no blocks. */
  readonly blockSize: number;
}

/** Any provider of onnxruntime: what it lacks is set apart from it. */
const DEFAULT: OnnxTarget = {
  contrib: true,
  poolIndices: true,
  anyChannels: true,
  onCpu: false,
  blockSize: 1,
};

export function completeTarget(target: Partial<OnnxTarget>): OnnxTarget {
  const given = Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
  const complete = { ...DEFAULT, ...given };
  return { ...complete, onCpu: complete.contrib && complete.onCpu };
}
