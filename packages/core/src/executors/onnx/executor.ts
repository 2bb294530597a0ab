/** Runs graphs on onnxruntime: a whole graph, training step or inference, is one ONNX session. */

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { type Graph, GraphError, type Tensor } from '../../graph/node.js';
import { disposable } from '../disposable.js';
import { type Executor, type ExecutorTraits, type Program, type Store, traitsOf } from '../executor.js';
import { NamedStore, ownStore } from '../named-store.js';
import { Resource, Resources } from '../resource.js';
import { findBlockSize } from './block-size.js';
import { withoutConstantState } from './constant-state.js';
import type { OrtRuntime } from './ort.js';
import { opTimesOf, type ProfileFiles } from './profile.js';
import { targetOf } from './target.js';
import { type OnnxModel, type OnnxOptions, outputName, toOnnx } from './to-onnx.js';

/** Half precision counts as a trait if the provider has kernels for it: it computes the graphs of it in any case. */
export interface OnnxExecutorOptions extends ExecutorTraits {
  readonly name?: string;
  /** Passed on to onnxruntime: `executionProviders`, `intraOpNumThreads`, … */
  readonly session?: InferenceSession.SessionOptions;
  /** Overrides what the table of providers says that this one can do. */
  readonly model?: OnnxOptions;
  /** Files for onnxruntime's profiles; without them the executor can't measure ops. */
  readonly profiles?: ProfileFiles;
  /** Values of the store that a program replaces stay in the memory of the GPU (onnxruntime-web with WebGPU). */
  readonly stateOnGpu?: boolean;
}

/** @param ort the module `onnxruntime-node` or `onnxruntime-web` */
export function createOnnxExecutor(ort: OrtRuntime, options: OnnxExecutorOptions = {}): Executor {
  const toOrt = ({ dtype, data, shape }: Tensor) => new ort.Tensor(dtype, data, [...shape]);
  const resources = new Resources();
  let target: Promise<OnnxOptions> | undefined;
  async function compile(graph: Graph, more: InferenceSession.SessionOptions = {}): Promise<OnnxProgram> {
    target ??= targetFor(ort, options);
    // Where the store's values stay on a GPU, it makes them there.
    const { graph: computed, constants } = options.stateOnGpu
      ? { graph, constants: new Map<string, Tensor>() }
      : withoutConstantState(graph);
    const model = toOnnx(computed, await target);
    const session = await ort.InferenceSession.create(model.bytes, {
      graphOptimizationLevel: 'all',
      // From the second run on, a pattern of the first would take all activations as one more block beside the
      // arena that holds them already: twice the memory, and no step got faster by it.
      enableMemPattern: false,
      ...(options.stateOnGpu ? { preferredOutputLocation: onGpu(graph) } : {}),
      ...options.session,
      ...more,
      extra: withoutIdleSpinning(options.session?.extra),
    });
    return new OnnxProgram(resources, interfaceOf(computed, model), { session, constants, toOrt });
  }
  const executor = disposable({
    name: options.name ?? 'ort-cpu',
    ...traitsOf(options),
    compile: (graph: Graph) => compile(graph),
    async openOnnx(model: Uint8Array) {
      const { session } = options;
      const extra = withoutIdleSpinning(session?.extra);
      return new OpenedModel(
        resources,
        await ort.InferenceSession.create(model, { ...session, extra }),
        toOrt,
      );
    },
    async createStore(values: ReadonlyMap<string, Tensor>) {
      const store = new OnnxStore(resources, toOrt);
      await store.write(values);
      return store;
    },
    dispose: () => resources.dispose(),
  });
  const { profiles } = options;
  if (!profiles) return executor;
  return {
    ...executor,
    async profile(graph, feeds, store) {
      const prefix = await profiles.newPrefix();
      const program = await compile(graph, { enableProfiling: true, profileFilePrefix: prefix });
      await program.run(feeds, store);
      await program.run(feeds, store);
      program.endProfiling();
      await program.dispose();
      return opTimesOf(await profiles.take(prefix));
    },
  };
}

/**
 * Stops spinning threads when a run ends. By default they go on, and the threads of one program take CPU time from the
 * next program's, as the update's from the gradient's: 12% of a step.
 */
function withoutIdleSpinning(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...extra, session: { force_spinning_stop: '1', ...(extra.session as object | undefined) } };
}

async function targetFor(ort: OrtRuntime, { model, session }: OnnxExecutorOptions): Promise<OnnxOptions> {
  const found = await targetOf(session?.executionProviders ?? ['cpu'], () => findBlockSize(ort));
  return { ...found, ...model };
}

class OnnxStore extends NamedStore<OrtTensor> {
  readonly #toOrt: (value: Tensor) => OrtTensor;

  constructor(resources: Resources, toOrt: (value: Tensor) => OrtTensor) {
    super(resources);
    this.#toOrt = toOrt;
  }

  protected upload(value: Tensor): OrtTensor {
    return this.#toOrt(copyOf(value));
  }

  protected async download(value: OrtTensor): Promise<Tensor> {
    return copyOf(await fromOrt(value));
  }

  protected release(value: OrtTensor): void {
    release(value);
  }
}

/** What a program keeps of its graph: all weights of graph and model are in the session. */
interface ProgramInterface extends Pick<OnnxModel, 'inputs' | 'params'> {
  /** Names of the results that the caller gets. */
  readonly outputs: readonly string[];
  /** Names of the store's values by the outputs that replace them. */
  readonly state: Readonly<Record<string, string>>;
}

function interfaceOf({ outputs, state = {} }: Graph, { inputs, params }: OnnxModel): ProgramInterface {
  return { inputs, params, outputs: Object.keys(outputs).filter((name) => !(name in state)), state };
}

interface Compiled {
  /** Values that every run puts into the store. */
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly session: InferenceSession;
  readonly toOrt: (value: Tensor) => OrtTensor;
}

class OnnxProgram extends Resource implements Program {
  readonly #interface: ProgramInterface;
  /** Nobody writes to them: runs read what the store holds, and put other values in its place. */
  readonly #constants: ReadonlyMap<string, OrtTensor>;
  readonly #session: InferenceSession;
  readonly #toOrt: (value: Tensor) => OrtTensor;

  constructor(resources: Resources, itsInterface: ProgramInterface, { session, constants, toOrt }: Compiled) {
    super(resources);
    this.#interface = itsInterface;
    this.#constants = new Map([...constants].map(([name, value]) => [name, toOrt(value)]));
    this.#session = session;
    this.#toOrt = toOrt;
  }

  async run(feeds: Readonly<Record<string, Tensor>>, store?: Store) {
    const own = ownStore(store, OnnxStore);
    const results = await this.#session.run(this.#feed(feeds, own));
    const outputs: Record<string, Tensor> = {};
    const resultOf = (name: string) => results[outputName(name)] as OrtTensor;
    for (const name of this.#interface.outputs) outputs[name] = await fromOrt(resultOf(name));
    // Only now: a device that fails on the way leaves the store as it was.
    for (const [name, replaced] of Object.entries(this.#interface.state)) own?.set(replaced, resultOf(name));
    for (const [name, value] of this.#constants) own?.set(name, value);
    return outputs;
  }

  #feed(feeds: Readonly<Record<string, Tensor>>, store?: OnnxStore): Record<string, OrtTensor> {
    const fed: Record<string, OrtTensor> = {};
    for (const { name, shape } of this.#interface.inputs) {
      const value = feeds[name];
      if (!value) throw new GraphError(`input "${name}" [${shape}] is not fed`);
      fed[name] = this.#toOrt(value);
    }
    for (const { name } of this.#interface.params) {
      const value = store?.get(name);
      if (!value) throw new GraphError(`the store has no parameter called "${name}"`);
      fed[name] = value;
    }
    return fed;
  }

  endProfiling(): void {
    this.#session.endProfiling();
  }

  protected async free() {
    await this.#session.release();
  }
}

/** A model that is run as it is. */
class OpenedModel extends Resource implements Program {
  readonly #session: InferenceSession;
  readonly #toOrt: (value: Tensor) => OrtTensor;

  constructor(resources: Resources, session: InferenceSession, toOrt: (value: Tensor) => OrtTensor) {
    super(resources);
    this.#session = session;
    this.#toOrt = toOrt;
  }

  async run(feeds: Readonly<Record<string, Tensor>>) {
    const fed = Object.entries(feeds).map(([name, value]) => [name, this.#toOrt(value)]);
    const results = await this.#session.run(Object.fromEntries(fed));
    const outputs: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(results)) outputs[name] = await fromOrt(value);
    return outputs;
  }

  protected async free() {
    await this.#session.release();
  }
}

async function fromOrt(value: OrtTensor): Promise<Tensor> {
  const data = (await value.getData()) as Tensor['data'];
  const { type, dims } = value;
  // onnxruntime returns a Float16Array if the platform has it; here halves are bits.
  if (type === 'float16' && !(data instanceof Uint16Array)) {
    const { buffer, byteOffset, length } = data as Tensor['data'];
    return { dtype: type, shape: dims, data: new Uint16Array(buffer, byteOffset, length) };
  }
  return { dtype: type as Tensor['dtype'], shape: dims, data };
}

/** Places of a program's results: values that replace those of the store stay on the GPU. */
function onGpu({ outputs, state = {} }: Graph): Record<string, 'gpu-buffer' | 'cpu'> {
  return Object.fromEntries(
    Object.keys(outputs).map((name) => [outputName(name), name in state ? 'gpu-buffer' : 'cpu']),
  );
}

/** Frees memory of a GPU, which the garbage collector doesn't see. */
function release(value: OrtTensor | undefined): void {
  if (value?.location === 'gpu-buffer') value.dispose();
}

/** The store owns its values: a caller's array may be detached or written to later. */
function copyOf(value: Tensor): Tensor {
  return { ...value, data: value.data.slice() };
}
