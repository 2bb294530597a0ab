/** Capabilities of onnxruntime's execution providers, which decide how a graph is lowered. */

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

/** A provider of onnxruntime with every ability; others are described by what they lack. */
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

/** Capabilities by a provider's name in onnxruntime; `blocked`: it has the blocked layout. */
const PROVIDERS: Readonly<Record<string, Omit<OnnxTarget, 'blockSize'> & { readonly blocked: boolean }>> = {
  cpu: { contrib: true, poolIndices: true, anyChannels: true, onCpu: true, blocked: true },
  wasm: { contrib: true, poolIndices: true, anyChannels: true, onCpu: true, blocked: false },
  cuda: { contrib: true, poolIndices: true, anyChannels: true, onCpu: false, blocked: false },
  /** Its MaxPool (1.30) gives no indices; its Conv reads the wrong channels where 3 divides their number, 4 doesn't, and there are more than 3. */
  webgpu: { contrib: true, poolIndices: false, anyChannels: false, onCpu: false, blocked: false },
};

/**
 * The abilities of a session with these providers: those that all of them share.
 * @param findBlockSize asks the runtime for the size of its blocks
 */
export async function targetOf(
  providers: readonly (string | { readonly name: string })[],
  findBlockSize: () => Promise<number>,
): Promise<Partial<OnnxTarget>> {
  const known = providers.map(
    (provider) => PROVIDERS[typeof provider === 'string' ? provider : provider.name],
  );
  const all = (can: 'poolIndices' | 'anyChannels') => known.every((provider) => provider?.[can] ?? true);
  const each = (has: 'onCpu' | 'blocked') => known.every((provider) => provider?.[has] ?? false);
  return {
    poolIndices: all('poolIndices'),
    anyChannels: all('anyChannels'),
    onCpu: each('onCpu'),
    blockSize: each('blocked') ? await findBlockSize() : 1,
  };
}
