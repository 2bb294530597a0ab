/**
 * Runs graphs in libtensorflow through tfjs-node: a program is a signature of a SavedModel, and what a store holds is
 * its variables, which stay on the device between runs.
 *
 * Signatures share variables only within one SavedModel. A store therefore has one, with every program that may run
 * on it; it is made at the first run, and again, with the values carried over, when a program comes later.
 */

import { must } from '@froyolo/errors';
import { type NamedLeaf, namedLeaves } from '../../graph/leaves.js';
import {
  type Graph,
  GraphError,
  isLeaf,
  type Node,
  type Shape,
  type Tensor,
  topologicalOrder,
} from '../../graph/node.js';
import { opNode } from '../../ops/op-node.js';
import { bindSizes } from '../bind-sizes.js';
import { disposable } from '../disposable.js';
import type { Executor, Program, Store } from '../executor.js';
import { ownStore } from '../named-store.js';
import { loweringOf } from './lowering.js';
import type { TfNodeRuntime } from './runtime.js';
import { type SavedModelOptions, wordShape } from './saved-model.js';
import { Session, type SessionHost, type Words } from './session.js';

export interface TensorflowExecutorOptions {
  /** Name in the device table. Default `tf-cpu`. */
  readonly name?: string;
  /** What suits the device. */
  readonly model?: SavedModelOptions;
  /** Where a SavedModel may be written while it is loaded. */
  readonly keep: SessionHost['keep'];
}

/** @param tf `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu` */
export function createTensorflowExecutor(tf: TfNodeRuntime, options: TensorflowExecutorOptions): Executor {
  const { name = 'tf-cpu', model = {}, keep } = options;
  const shared: Shared = { name, host: { tf, model, keep }, programs: new Set(), stores: new Set() };
  return disposable<Omit<Executor, typeof Symbol.asyncDispose>>({
    name,
    halfPrecision: true,
    filterOrder: 'HWIO',
    prefersOneProgram: true,
    async compile(graph: Graph) {
      return new TensorflowProgram(shared, graph);
    },
    async createStore(values: ReadonlyMap<string, Tensor>) {
      const store = new TensorflowStore(shared);
      await store.write(values);
      return store;
    },
    async dispose() {
      for (const held of [...shared.programs, ...shared.stores]) await held.dispose();
    },
  });
}

interface Shared {
  readonly name: string;
  readonly host: SessionHost;
  /** Programs that are not disposed of. */
  readonly programs: Set<TensorflowProgram>;
  readonly stores: Set<TensorflowStore>;
}

let nextSignature = 0;

class TensorflowProgram implements Program {
  readonly signature = `program_${nextSignature++}`;
  readonly graph: Graph;
  readonly parameters: readonly NamedLeaf[];
  readonly #shared: Shared;
  readonly #leaves: readonly NamedLeaf[];
  readonly #inputs: readonly NamedLeaf[];
  /** Session of a program without parameters. */
  #own?: Promise<Session>;

  constructor(shared: Shared, graph: Graph) {
    this.#shared = shared;
    this.graph = graph;
    const order = topologicalOrder(Object.values(graph.outputs));
    const missing = `the executor "${shared.name}" has no lowering`;
    for (const node of order) if (!isLeaf(node)) loweringOf(opNode(node, missing), missing);
    this.#leaves = namedLeaves(order);
    this.#inputs = this.#leaves.filter(({ op }) => op === 'input');
    this.parameters = this.#leaves.filter(({ op }) => op === 'param');
    shared.programs.add(this);
  }

  /** All values that it reads or replaces: name and shape. */
  get values(): (readonly [name: string, shape: Shape])[] {
    const { outputs, state = {} } = this.graph;
    const replaced = Object.entries(state).map(([output, name]) => [name, outputs[output].shape] as const);
    return [...this.parameters.map(({ name, shape }) => [name, shape] as const), ...replaced];
  }

  async run(feeds: Readonly<Record<string, Tensor>>, store?: Store) {
    const own = ownStore(store, TensorflowStore);
    const shapes = this.parameters.map(({ name }) => [name, own?.shapeOf(name)] as const);
    bindSizes(this.#leaves, { ...feeds, ...Object.fromEntries(shapes) });
    const session = await this.#session(own);
    const fed = this.#inputs.map((node) => [node.name, wordsOf(node, feeds[node.name])] as const);
    return this.#typed(await session.run(this.signature, Object.fromEntries(fed)));
  }

  #session(store?: TensorflowStore): Promise<Session> {
    if (this.values.length > 0) {
      if (!store) throw new GraphError(`the graph updates ${names(this)}: run it with a store`);
      return store.sessionFor(this);
    }
    this.#own ??= Session.open(this.#shared.host, new Map([[this.signature, this.graph]]));
    return this.#own;
  }

  /** Bytes and halves come as whole numbers. */
  #typed(results: Record<string, Tensor>): Record<string, Tensor> {
    for (const [name, { dtype }] of Object.entries(this.graph.outputs)) {
      const result = results[name];
      if (result && dtype === 'uint8')
        results[name] = { ...result, dtype, data: Uint8Array.from(result.data) };
      if (result && dtype === 'float16')
        results[name] = { ...result, dtype, data: Uint16Array.from(result.data) };
    }
    return results;
  }

  async dispose() {
    this.#shared.programs.delete(this);
    const own = await this.#own;
    this.#own = undefined;
    own?.dispose();
  }
}

const names = ({ values }: TensorflowProgram) => values.map(([name]) => name).join(', ');

/** A feed as int32 words: its own memory where it can be read so. */
function wordsOf(node: Node, { data, shape }: Tensor): Words {
  const declared = wordShape(node);
  const last = declared[declared.length - 1];
  if (data.BYTES_PER_ELEMENT < 4 && declared === node.shape) return { data: Int32Array.from(data), shape };
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  return {
    data: new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4),
    shape: declared === node.shape ? shape : [...shape.slice(0, -1), last as number],
  };
}

class TensorflowStore implements Store {
  readonly #shared: Shared;
  /** Values that are not on the device. */
  readonly #host = new Map<string, Tensor>();
  readonly #shapes = new Map<string, readonly number[]>();
  #session?: Session;

  constructor(shared: Shared) {
    this.#shared = shared;
    shared.stores.add(this);
  }

  get names() {
    return [...this.#shapes.keys()];
  }

  shapeOf(name: string): { readonly shape: readonly number[] } | undefined {
    const shape = this.#shapes.get(name);
    return shape && { shape };
  }

  /** The session that holds the program and, so that there needn't soon be another, all that could run on this store. */
  async sessionFor(program: TensorflowProgram): Promise<Session> {
    if (this.#session?.has(program.signature)) return this.#session;
    const holds = ([name, shape]: readonly [string, Shape]) =>
      this.#shapes.get(name)?.join() === shape.join();
    const missing = program.values.find((value) => !holds(value));
    if (missing) throw new GraphError(`the store has no value called "${missing[0]}" [${missing[1]}]`);
    const programs = [...this.#shared.programs].filter(
      ({ values }) => values.length > 0 && values.every(holds),
    );
    await this.#toHost();
    const graphs = new Map(programs.map(({ signature, graph }) => [signature, graph]));
    const session = await Session.open(this.#shared.host, graphs);
    const taken = session.variables.map((name) => [name, must(this.#host.get(name), name)] as const);
    await session.write(new Map(taken));
    for (const name of session.variables) this.#host.delete(name);
    this.#session = session;
    return session;
  }

  async #toHost(): Promise<void> {
    for (const [name, value] of (await this.#session?.read()) ?? []) this.#host.set(name, value);
    this.#session?.dispose();
    this.#session = undefined;
  }

  async read(names: readonly string[] = this.names) {
    const unknown = names.find((name) => !this.#shapes.has(name));
    if (unknown !== undefined) throw new GraphError(`the store has no value called "${unknown}"`);
    const onDevice = await this.#session?.read(names.filter((name) => !this.#host.has(name)));
    const held = (name: string): Tensor => {
      const kept = this.#host.get(name);
      return kept ? { ...kept, data: kept.data.slice() } : must(onDevice?.get(name), `the value "${name}"`);
    };
    return new Map(names.map((name) => [name, held(name)]));
  }

  async write(values: ReadonlyMap<string, Tensor>) {
    const reshaped = [...values].some(([name, { shape }]) => {
      const known = this.#shapes.get(name);
      return known !== undefined && known.join() !== shape.join();
    });
    if (reshaped) await this.#toHost();
    const onDevice = new Set(this.#session?.variables);
    await this.#session?.write(new Map([...values].filter(([name]) => onDevice.has(name))));
    for (const [name, value] of values) {
      this.#shapes.set(name, value.shape);
      if (!onDevice.has(name)) this.#host.set(name, { ...value, data: value.data.slice() });
    }
  }

  async dispose() {
    this.#shared.stores.delete(this);
    this.#session?.dispose();
    this.#session = undefined;
    this.#host.clear();
    this.#shapes.clear();
  }
}
