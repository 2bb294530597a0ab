/** Runs graphs on tfjs' kernels, op by op; values stay on the device and are freed at their last use. */

import { madeOf, type NamedLeaf, namedLeaves } from '../../graph/leaves.js';
import {
  type Graph,
  GraphError,
  isLeaf,
  messageOf,
  type Node,
  type Tensor,
  topologicalOrder,
} from '../../graph/node.js';
import { mapInputs, type OpNode, opNode } from '../../ops/op-node.js';
import { sizeOf } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import { implementation, type Unsupported } from '../../ops/unsupported.js';
import { bindSizes } from '../bind-sizes.js';
import { disposable } from '../disposable.js';
import type { Executor, GraphModel, Program, Store } from '../executor.js';
import { NamedStore, ownStore } from '../named-store.js';
import { OpTimer } from '../op-times.js';
import { Resource, Resources } from '../resource.js';
import { type DeviceValue, KernelRunner, type Lowering } from './kernel-runner.js';
import { between, identity, isIdentity } from './layout.js';
import { LOWERINGS } from './lowering.js';
import { OpenedGraphModel } from './opened-graph-model.js';
import type { TfRuntime } from './runtime.js';
import { download, downloadAs, upload } from './transfer.js';

export interface TfjsExecutorOptions {
  /** Name in the device table. Default: `tfjs-` and the name of the backend. */
  readonly name?: string;
}

/** Backends whose kernels have computed when they return; others only queue. */
const WAITING_BACKENDS = new Set(['cpu', 'wasm']);

/**
 * @param tf `@tensorflow/tfjs-core` with a backend registered, or a package that brings both (`@tensorflow/tfjs-node`,
 * `@tensorflow/tfjs-node-gpu`). Graphs run on the backend that is set in it; wait for `tf.ready()` before.
 */
export function createTfjsExecutor(tf: TfRuntime, options: TfjsExecutorOptions = {}): Executor {
  const name = options.name ?? `tfjs-${tf.getBackend()}`;
  const resources = new Resources();
  const executor = disposable({
    name,
    async compile(graph: Graph) {
      return new TfjsProgram(resources, tf, name, graph);
    },
    async createStore(values: ReadonlyMap<string, Tensor>) {
      const store = new TfjsStore(resources, tf);
      await store.write(values);
      return store;
    },
    openGraphModel: (model: GraphModel, outputs: readonly string[]) =>
      OpenedGraphModel.open(resources, tf, model, outputs),
    dispose: () => resources.dispose(),
  });
  if (!WAITING_BACKENDS.has(tf.getBackend())) return executor;
  return {
    ...executor,
    async profile(graph, feeds, store) {
      const [program, timer] = [new TfjsProgram(resources, tf, name, graph), new OpTimer()];
      await program.run(feeds, store);
      await program.run(feeds, store, timer);
      await program.dispose();
      return timer.times;
    },
  };
}

class TfjsStore extends NamedStore<DeviceValue> {
  readonly #tf: TfRuntime;

  constructor(resources: Resources, tf: TfRuntime) {
    super(resources);
    this.#tf = tf;
  }

  protected upload(value: Tensor): DeviceValue {
    return upload(this.#tf, { ...value, data: value.data.slice() });
  }

  protected download({ buffer }: DeviceValue): Promise<Tensor> {
    return download(buffer.tensor);
  }

  protected release({ buffer }: DeviceValue): void {
    buffer.release();
  }
}

interface Step {
  readonly node: OpNode;
  /** Nodes that nothing reads after this step. */
  readonly lastUses: readonly Node[];
}

class TfjsProgram extends Resource implements Program {
  readonly #tf: TfRuntime;
  readonly #name: string;
  readonly #graph: Graph;
  readonly #runner: KernelRunner;
  readonly #steps: readonly Step[];
  readonly #leaves: readonly NamedLeaf[];
  readonly #constants: ReadonlyMap<Node, DeviceValue>;

  constructor(resources: Resources, tf: TfRuntime, name: string, graph: Graph) {
    super(resources);
    this.#tf = tf;
    this.#name = name;
    this.#graph = graph;
    this.#runner = new KernelRunner(tf, name);
    const order = topologicalOrder(Object.values(graph.outputs));
    this.#steps = planSteps(order, graph, name);
    this.#leaves = namedLeaves(order);
    this.#constants = new Map(order.flatMap((node) => (node.value ? [[node, upload(tf, node.value)]] : [])));
  }

  async run(feeds: Readonly<Record<string, Tensor>>, store?: Store, timer?: OpTimer) {
    const own = ownStore(store, TfjsStore);
    const values = this.#leafValues(feeds, own);
    try {
      const parameters = this.#leaves.filter(({ op }) => op === 'param');
      const shapes = Object.fromEntries(parameters.map((node) => [node.name, values.get(node)]));
      this.#compute(values, bindSizes(this.#leaves, { ...feeds, ...shapes }), timer);
      return await this.#collect(values, own);
    } finally {
      this.#runner.freeTemporaries();
      for (const value of values.values()) value.buffer.release();
    }
  }

  /** Every value holds a reference of its own, which its last use or the end of the run gives back. */
  #leafValues(feeds: Readonly<Record<string, Tensor>>, store?: TfjsStore): Map<Node, DeviceValue> {
    const values = new Map<Node, DeviceValue>();
    for (const [node, value] of this.#constants) values.set(node, this.#runner.alias(value));
    for (const node of this.#leaves) {
      const kept = node.op === 'param' ? store?.get(node.name) : undefined;
      if (kept) values.set(node, this.#runner.alias(kept));
      else if (node.op === 'input' && feeds[node.name]) values.set(node, upload(this.#tf, feeds[node.name]));
    }
    return values;
  }

  #compute(values: Map<Node, DeviceValue>, sizes: Readonly<Record<string, number>>, timer?: OpTimer): void {
    for (const { node, lastUses } of this.#steps) {
      const shape = node.shape.map((d) => sizeOf(d, sizes));
      const run = () => this.#lower(node, values, shape);
      values.set(node, timer ? timer.measure(node.op, run) : run());
      this.#runner.freeTemporaries();
      for (const last of lastUses) {
        madeOf(values, last).buffer.release();
        values.delete(last);
      }
    }
  }

  #lower<O extends OpName>(
    node: OpNode<O>,
    values: ReadonlyMap<Node, DeviceValue>,
    shape: readonly number[],
  ): DeviceValue {
    const inputs = mapInputs(node, (x) => madeOf(values, x));
    try {
      return loweringOf(node, this.#name)(this.#runner, inputs, node.attrs, shape);
    } catch (error) {
      const shapes = inputs.map((x) => `[${x.shape}]`).join(', ');
      throw new GraphError(`${node.op}(${shapes}) to [${shape}]: ${messageOf(error)}`);
    }
  }

  /** Moves state outputs to the store and reads the others. */
  async #collect(values: ReadonlyMap<Node, DeviceValue>, store?: TfjsStore): Promise<Record<string, Tensor>> {
    const state = this.#graph.state ?? {};
    const missing = Object.values(state);
    if (missing.length > 0 && !store)
      throw new GraphError(`the graph updates ${missing.join(', ')}: run it with a store`);
    const entries = Object.entries(this.#graph.outputs);
    for (const [name, node] of entries)
      if (store && name in state) store.set(state[name], this.#inGraphOrder(madeOf(values, node)));
    const read = entries.filter(([name]) => !(name in state));
    const tensors = await Promise.all(
      read.map(([, node]) => downloadAs(node.dtype, this.#runner.plain(madeOf(values, node)))),
    );
    return Object.fromEntries(read.map(([name], i) => [name, tensors[i]]));
  }

  #inGraphOrder(value: DeviceValue): DeviceValue {
    if (isIdentity(value.layout)) return this.#runner.alias(value);
    const perm = between(value.layout, identity(value.layout.length));
    return this.#runner.value(this.#runner.transpose(value.buffer.tensor, perm));
  }

  protected async free() {
    for (const { buffer } of this.#constants.values()) buffer.release();
    this.#runner.dispose();
  }
}

function planSteps(order: readonly Node[], graph: Graph, executorName: string): Step[] {
  const kept = new Set(Object.values(graph.outputs));
  const computed = order.filter((node) => !isLeaf(node)).map((node) => checked(node, executorName));
  const lastUser = new Map<Node, Node>();
  for (const node of computed) for (const x of node.inputs) lastUser.set(x, node);
  const lastUses = new Map<Node, Node[]>();
  for (const [x, user] of lastUser) {
    if (!kept.has(x)) lastUses.set(user, [...(lastUses.get(user) ?? []), x]);
  }
  return computed.map((node) => ({ node, lastUses: lastUses.get(node) ?? [] }));
}

/** Complains when a graph is compiled rather than when it runs. */
function checked(node: Node, executorName: string): OpNode {
  const known = opNode(node, missing(executorName));
  loweringOf(known, executorName);
  return known;
}

function loweringOf<O extends OpName>(node: OpNode<O>, executorName: string): Lowering<O> {
  const entry: Lowering<O> | Unsupported = LOWERINGS[node.op];
  return implementation(entry, node, missing(executorName));
}

const missing = (executorName: string) => `the executor "${executorName}" has no lowering`;
