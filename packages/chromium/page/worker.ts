/** Runs graphs that Node sends; what it keeps is known by number. */
import type { Executor, Program, Store, Tensor } from '@froyolo/core';
import { factsOf, open } from '@froyolo/web/device';
import { type FlatGraph, unflatten } from '../src/flat-graph.js';

type Entries = readonly (readonly [string, Tensor])[];

let executor: Executor;
const kept: (Program | Store)[] = [];
const keep = (value: Program | Store) => kept.push(value) - 1;

Object.assign(globalThis, {
  async open(request: string) {
    const device = await open(request);
    executor = device.opened.executor;
    return { name: device.name, description: factsOf(device) };
  },
  /** To be called before `open`. */
  hideFeatures() {
    const { GPUAdapter } = globalThis as unknown as { GPUAdapter: { prototype: object } };
    Object.defineProperty(GPUAdapter.prototype, 'features', { get: () => new Set() });
  },
  async compile(graph: FlatGraph) {
    return keep(await executor.compile(unflatten(graph)));
  },
  async createStore(values: Entries) {
    return keep(await executor.createStore(new Map(values)));
  },
  run(program: number, feeds: Record<string, Tensor>, store?: number) {
    return (kept[program] as Program).run(feeds, store === undefined ? undefined : (kept[store] as Store));
  },
  async read(store: number, names: readonly string[]) {
    return [...(await (kept[store] as Store).read(names))];
  },
  write(store: number, values: Entries) {
    return (kept[store] as Store).write(new Map(values));
  },
  dispose(id: number) {
    return kept[id].dispose();
  },
});
console.log('worker ready');
