/** An executor whose programs run in a web worker of a page in Chromium. */
import { resolve } from 'node:path';
import { disposable, type Executor, type Graph, type Program, type Store, type Tensor } from '@froyolo/core';
import { flatten } from './flat-graph.js';
import { openPageWorker, type PageWorker } from './open-page.js';

export interface ChromiumDevice {
  /** Name in the device table. */
  readonly name: string;
  readonly description: string;
  readonly executor: Executor;
}

/** The page whose worker runs the graphs. */
const EXECUTOR_PAGE = resolve(import.meta.dirname, '../page');

/**
 * Opens a device in a page, as packages/web does.
 * @param request as after `--device`
 * @param open opens the worker of the page; by default the page is built, and WebGPU is imitated on the CPU
 * @param withoutFeatures hides the features of WebGPU that not every GPU has
 * @throws Error if there is no Chromium, or the device doesn't work in it
 */
export async function openChromiumDevice(
  request: string,
  open = () => openPageWorker(EXECUTOR_PAGE, { softwareGpu: true }),
  { withoutFeatures = false } = {},
): Promise<ChromiumDevice> {
  const worker = await open();
  try {
    if (withoutFeatures) await worker.call('hideFeatures');
    const { name, description } = await worker.call<Omit<ChromiumDevice, 'executor'>>('open', request);
    return { name, description, executor: remoteExecutor(name, worker) };
  } catch (error) {
    await worker.close();
    throw error;
  }
}

/** Why a device didn't open: of an error that lists what each one lacks, the line about this one. */
export function reasonOf(name: string, { message }: Error): string {
  const lines = message.split('\n');
  return (lines.find((line) => line.startsWith(`  ${name}:`)) ?? lines[0]).trim();
}

/** Values of the worker are known by number. */
function remoteExecutor(name: string, worker: PageWorker): Executor {
  return disposable({
    name,
    compile: async (graph: Graph) => remoteProgram(worker, await worker.call('compile', flatten(graph))),
    createStore: async (values: ReadonlyMap<string, Tensor>) => {
      const store = new RemoteStore(worker, await worker.call<number>('createStore', [...values]));
      for (const name of values.keys()) store.known.add(name);
      return store;
    },
    dispose: () => worker.close(),
  });
}

function remoteProgram(worker: PageWorker, program: number): Program {
  return {
    async run(feeds, store) {
      const remote = store as RemoteStore | undefined;
      return worker.call<Record<string, Tensor>>('run', program, feeds, remote?.id);
    },
    dispose: () => worker.call('dispose', program),
  };
}

class RemoteStore implements Store {
  readonly id: number;
  readonly known = new Set<string>();
  readonly #worker: PageWorker;

  constructor(worker: PageWorker, id: number) {
    this.#worker = worker;
    this.id = id;
  }

  get names() {
    return [...this.known];
  }

  async read(names: readonly string[] = this.names) {
    return new Map(await this.#worker.call<[string, Tensor][]>('read', this.id, names));
  }

  async write(values: ReadonlyMap<string, Tensor>) {
    await this.#worker.call('write', this.id, [...values]);
    for (const name of values.keys()) this.known.add(name);
  }

  dispose() {
    return this.#worker.call<void>('dispose', this.id);
  }
}
