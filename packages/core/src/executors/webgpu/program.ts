/** A graph compiled to launches. */
import { sizeInMemory } from '../../fusion/parts.js';
import type { LaunchPlan } from '../../fusion/plan.js';
import { isPacked, placeOf } from '../../fusion/views.js';
import { type NamedLeaf, namedLeaves } from '../../graph/leaves.js';
import { type Graph, GraphError, type Node, type Tensor, topologicalOrder } from '../../graph/node.js';
import type { Sizes } from '../../ops/op.js';
import { count, sizeOf } from '../../ops/shapes.js';
import { bindSizes } from '../bind-sizes.js';
import type { Program, Store } from '../executor.js';
import { ownStore } from '../named-store.js';
import { Resource, type Resources } from '../resource.js';
import type { Device, Job, Range } from './device.js';
import type { GpuBuffer, GpuEncoder, GpuObject } from './gpu.js';
import { kernelOf } from './kernel.js';
import { type Memory, planMemory } from './memory.js';
import { type Kernel, ROW } from './shader.js';
import { WebGpuStore } from './store.js';
import { constantWords, fromWords, toWords } from './words.js';

/** Dynamic offsets are multiples of it, in bytes. */
const OFFSET_ALIGNMENT = 256;

/** Number of different sizes whose plans are kept. */
const MOST_BOUND = 16;

/** What depends on the symbolic sizes. */
interface Bound {
  readonly memory: Memory;
  readonly numbers: GpuBuffer;
  readonly group: GpuObject;
}

export class WebGpuProgram extends Resource implements Program {
  readonly #device: Device;
  readonly #graph: Graph;
  readonly #plan: LaunchPlan;
  readonly #kernels: readonly Kernel[];
  readonly #pipelines: readonly GpuObject[];
  readonly #leaves: readonly NamedLeaf[];
  readonly #constants: ReadonlyMap<Node, number>;
  readonly #constantBuffer: GpuBuffer;
  /** Bytes of a launch's numbers. */
  readonly #stride: number;
  readonly #bound = new Map<string, Bound>();
  #memory: GpuBuffer | undefined;

  private constructor(
    resources: Resources,
    device: Device,
    graph: Graph,
    plan: LaunchPlan,
    kernels: readonly Kernel[],
    pipelines: readonly GpuObject[],
  ) {
    super(resources);
    this.#device = device;
    this.#graph = graph;
    this.#plan = plan;
    this.#kernels = kernels;
    this.#pipelines = pipelines;
    const order = topologicalOrder(Object.values(graph.outputs));
    this.#leaves = namedLeaves(order);
    const constants = order.filter(({ value }) => value);
    this.#constants = offsetsOf(constants);
    const most = Math.max(...kernels.map(({ slots }) => slots.length), 1);
    this.#stride = Math.ceil((most * 4) / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
    this.#constantBuffer = device.createBuffer(
      constants.reduce((sum, { shape }) => sum + 4 * count(shape), 4),
    );
    for (const node of constants)
      if (node.value)
        device.write(this.#constantBuffer, 4 * (this.#constants.get(node) ?? 0), constantWords(node.value));
  }

  static async create(
    resources: Resources,
    device: Device,
    graph: Graph,
    plan: LaunchPlan,
  ): Promise<WebGpuProgram> {
    const kernels = plan.launches.map((launch) => kernelOf(launch, plan, device.can));
    const pipelines = await Promise.all(kernels.map(({ text }) => device.pipeline(text)));
    return device.watched(() => new WebGpuProgram(resources, device, graph, plan, kernels, pipelines));
  }

  async run(feeds: Readonly<Record<string, Tensor>>, store?: Store) {
    const own = ownStore(store, WebGpuStore);
    const state = this.#graph.state ?? {};
    if (Object.keys(state).length > 0 && !own)
      throw new GraphError(`the graph updates ${Object.values(state).join(', ')}: run it with a store`);
    const stored = this.#stored(feeds, own);
    const shapes = Object.fromEntries([...stored].map(([{ name }, value]) => [name, value]));
    const sizes = bindSizes(this.#leaves, { ...feeds, ...shapes });
    const read = Object.entries(this.#graph.outputs).filter(([name]) => !(own && name in state));
    const words = await this.#read(() => {
      const { memory, group } = this.#bind(sizes);
      this.#upload(feeds, stored, memory);
      return {
        ranges: read.map(([, node]) => this.#range(node, memory, sizes)),
        record: (encoder) => {
          this.#copyIn(encoder, stored, memory);
          this.#launch(encoder, group, sizes);
          if (own) this.#copyOut(encoder, own, memory, sizes);
        },
      };
    });
    return this.#outputs(read, words, sizes);
  }

  /** Forgets the memory of a run that failed, so that later runs don't use it. */
  async #read(prepare: () => Job): Promise<ArrayBuffer> {
    try {
      return await this.#device.read(prepare);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  /** Parameters that come from the store. */
  #stored(feeds: Readonly<Record<string, Tensor>>, store?: WebGpuStore) {
    const found = this.#leaves.map(
      (leaf) => [leaf, leaf.op === 'param' ? store?.get(leaf.name) : undefined] as const,
    );
    return new Map(
      found.flatMap(([leaf, value]) => (value && !(leaf.name in feeds) ? [[leaf, value] as const] : [])),
    );
  }

  #bind(sizes: Sizes): Bound {
    const key = JSON.stringify(sizes);
    const known = this.#bound.get(key);
    if (known) return known;
    const outputs = Object.values(this.#graph.outputs);
    const memory = planMemory(this.#plan, this.#leaves, outputs, this.#constants, sizes);
    const numbers = new Int32Array((this.#stride / 4) * Math.max(this.#kernels.length, 1));
    for (const [i, { slots }] of this.#kernels.entries())
      numbers.set(slots.map(memory.resolve), (i * this.#stride) / 4);
    this.#makeRoom(memory.size * 4);
    const buffer = this.#device.createBuffer(numbers.byteLength);
    this.#device.write(buffer, 0, toWords({ data: numbers }));
    if (this.#bound.size === MOST_BOUND) this.#unbind();
    const bound = { memory, numbers: buffer, group: this.#group(buffer) };
    this.#bound.set(key, bound);
    return bound;
  }

  /** Enlarges the memory for sizes not seen before, and then binds everything anew. */
  #makeRoom(size: number): void {
    if (this.#memory && this.#memory.size >= size) return;
    this.#memory?.destroy();
    this.#memory = this.#device.createBuffer(size);
    this.#unbind();
  }

  #unbind(): void {
    for (const { numbers } of this.#bound.values()) numbers.destroy();
    this.#bound.clear();
  }

  #group(numbers: GpuBuffer): GpuObject {
    const resources = [
      { buffer: this.#memoryBuffer() },
      { buffer: this.#constantBuffer },
      { buffer: numbers, size: this.#stride },
    ];
    return this.#device.gpu.createBindGroup({
      layout: this.#device.groupLayout,
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }

  #memoryBuffer(): GpuBuffer {
    if (!this.#memory) throw new GraphError('the program has no memory before its first run');
    return this.#memory;
  }

  #upload(
    feeds: Readonly<Record<string, Tensor>>,
    stored: ReadonlyMap<NamedLeaf, unknown>,
    memory: Memory,
  ): void {
    for (const leaf of this.#leaves)
      if (!stored.has(leaf))
        this.#device.write(this.#memoryBuffer(), memory.offsetOf(leaf) * 4, toWords(feeds[leaf.name]));
  }

  #copyIn(
    encoder: GpuEncoder,
    stored: ReadonlyMap<NamedLeaf, { readonly buffer: GpuBuffer }>,
    memory: Memory,
  ): void {
    for (const [leaf, { buffer }] of stored)
      encoder.copyBufferToBuffer(buffer, 0, this.#memoryBuffer(), memory.offsetOf(leaf) * 4, buffer.size);
  }

  #launch(encoder: GpuEncoder, group: GpuObject, sizes: Sizes): void {
    const pass = encoder.beginComputePass();
    for (const [i, kernel] of this.#kernels.entries()) {
      const groups = kernel.groups(sizes);
      if (groups === 0) continue;
      pass.setPipeline(this.#pipelines[i]);
      pass.setBindGroup(0, group, [i * this.#stride]);
      pass.dispatchWorkgroups(Math.min(groups, ROW), Math.ceil(groups / ROW));
    }
    pass.end();
  }

  #copyOut(encoder: GpuEncoder, store: WebGpuStore, memory: Memory, sizes: Sizes): void {
    for (const [output, name] of Object.entries(this.#graph.state ?? {})) {
      const { buffer, offset, size } = this.#range(this.#graph.outputs[output], memory, sizes);
      encoder.copyBufferToBuffer(buffer, offset, store.target(name, size / 4), 0, size);
    }
  }

  #range(node: Node, memory: Memory, sizes: Sizes): Range {
    const size = 4 * sizeInMemory(node, 'value', sizes);
    const buffer = placeOf(node).base.value ? this.#constantBuffer : this.#memoryBuffer();
    return { buffer, offset: 4 * memory.offsetOf(node), size };
  }

  #outputs(read: readonly (readonly [string, Node])[], words: ArrayBuffer, sizes: Sizes) {
    let at = 0;
    const values = read.map(([name, node]) => {
      const from = at;
      at += 4 * sizeInMemory(node, 'value', sizes);
      const shape = node.shape.map((d) => sizeOf(d, sizes));
      return [name, fromWords(words.slice(from, at), node.dtype, shape, isPacked(node))] as const;
    });
    return Object.fromEntries(values);
  }

  #forget(): void {
    this.#unbind();
    this.#memory?.destroy();
    this.#memory = undefined;
  }

  protected async free() {
    this.#forget();
    this.#constantBuffer.destroy();
  }
}

/** Offsets of values one after the other, in elements. */
function offsetsOf(nodes: readonly Node[]): Map<Node, number> {
  let at = 0;
  return new Map(
    nodes.map((node) => {
      const offset = at;
      at += count(node.shape);
      return [node, offset];
    }),
  );
}
