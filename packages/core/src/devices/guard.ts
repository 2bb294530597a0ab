/** Tells the failures of a device from every other error. */
import { disposable } from '../executors/disposable.js';
import { type Executor, type GraphModel, type Program, type Store, traitsOf } from '../executors/executor.js';
import { type Graph, GraphError, type Tensor } from '../graph/node.js';
import { DeviceFailedError } from './errors.js';

/** Executors that are guarded already. */
const guardedOnes = new WeakSet<Executor>();

/**
 * Wraps an executor so that whatever its device throws is a `DeviceFailedError`; errors of graphs stay as they are. A
 * guarded executor stays as it is.
 */
export function guardExecutor(executor: Executor): Executor {
  if (guardedOnes.has(executor)) return executor;
  const { name } = executor;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof GraphError || error instanceof DeviceFailedError) throw error;
      throw new DeviceFailedError(name, error);
    }
  };
  const openOnnx = executor.openOnnx?.bind(executor);
  const openGraphModel = executor.openGraphModel?.bind(executor);
  const result = disposable({
    name,
    ...traitsOf(executor),
    ...(openOnnx && {
      openOnnx: async (model: Uint8Array) => guardProgram(await guarded(() => openOnnx(model)), guarded),
    }),
    ...(openGraphModel && {
      openGraphModel: async (model: GraphModel, outputs: readonly string[]) =>
        guardProgram(await guarded(() => openGraphModel(model, outputs)), guarded),
    }),
    compile: async (graph: Graph) => guardProgram(await guarded(() => executor.compile(graph)), guarded),
    createStore: async (values: ReadonlyMap<string, Tensor>) =>
      new GuardedStore(await guarded(() => executor.createStore(values)), guarded),
    ...(executor.profile && {
      profile: (graph: Graph, feeds: Feeds, store?: Store) =>
        guarded(async () => (await executor.profile?.(graph, feeds, innerOf(store))) ?? []),
    }),
    dispose: () => executor.dispose(),
  });
  guardedOnes.add(result);
  return result;
}

type Feeds = Parameters<Program['run']>[0];
const innerOf = (store?: Store) => (store instanceof GuardedStore ? store.inner : store);

type Guarded = <T>(work: () => Promise<T>) => Promise<T>;

function guardProgram(program: Program, guarded: Guarded): Program {
  return {
    run: (feeds, store) => guarded(() => program.run(feeds, innerOf(store))),
    dispose: () => program.dispose(),
  };
}

class GuardedStore implements Store {
  /** The store that programs of the same executor read. */
  readonly inner: Store;
  readonly #guarded: Guarded;

  constructor(inner: Store, guarded: Guarded) {
    this.inner = inner;
    this.#guarded = guarded;
  }

  get names() {
    return this.inner.names;
  }

  read(names?: readonly string[]) {
    return this.#guarded(() => this.inner.read(names));
  }

  write(values: Parameters<Store['write']>[0]) {
    return this.#guarded(() => this.inner.write(values));
  }

  dispose() {
    return this.inner.dispose();
  }
}
