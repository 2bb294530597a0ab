/** A SavedModel in libtensorflow: its signatures, and the variables that they share. */
import { must } from '@froyolo/errors';
import type { Graph, Tensor } from '../../graph/node.js';
import type { TfTensor } from '../tfjs/runtime.js';
import type { NamedTensors, TfNodeRuntime, TfSignature } from './runtime.js';
import {
  DONE,
  NOTHING,
  readOf,
  SavedModelBuilder,
  type SavedModelOptions,
  VALUE,
  writeOf,
} from './saved-model.js';

export interface SessionHost {
  readonly tf: TfNodeRuntime;
  readonly model: SavedModelOptions;
  /** Writes the file into a new folder and returns how to write another in its place, and to remove both again. */
  keep(bytes: Uint8Array): Promise<KeptModel>;
}

interface KeptModel {
  readonly folder: string;
  replace(bytes: Uint8Array): Promise<void>;
  remove(): Promise<void>;
}

/** A value as it is fed: int32 words and their shape. */
export interface Words {
  readonly data: Int32Array;
  readonly shape: readonly number[];
}

export class Session {
  readonly variables: readonly string[];
  readonly #tf: TfNodeRuntime;
  readonly #signatures: ReadonlyMap<string, TfSignature>;

  private constructor(
    tf: TfNodeRuntime,
    variables: readonly string[],
    signatures: ReadonlyMap<string, TfSignature>,
  ) {
    this.#tf = tf;
    this.variables = variables;
    this.#signatures = signatures;
  }

  /** @param graphs by the name of their signature */
  static async open({ tf, model, keep }: SessionHost, graphs: ReadonlyMap<string, Graph>): Promise<Session> {
    const builder = new SavedModelBuilder(model);
    for (const [name, graph] of graphs) builder.add(name, graph, 'words');
    const { variables } = builder;
    if (variables.length > 0) builder.addState();
    const kept = await keep(builder.encode());
    try {
      const signatures = new Map<string, TfSignature>();
      for (const name of builder.signatures) {
        signatures.set(name, await tf.node.loadSavedModel(kept.folder, ['serve'], name));
        // tfjs-node parses the file for each signature, and libtensorflow has read what computes.
        if (signatures.size === 1) await kept.replace(builder.encodeSignatures());
      }
      return new Session(tf, variables, signatures);
    } finally {
      await kept.remove();
    }
  }

  has(signature: string): boolean {
    return this.#signatures.has(signature);
  }

  /** Outputs in host memory: float32 and int32. */
  async run(signature: string, feeds: Readonly<Record<string, Words>>): Promise<Record<string, Tensor>> {
    const given =
      Object.keys(feeds).length > 0 ? feeds : { [NOTHING]: { data: Int32Array.of(0), shape: [] } };
    const fed = Object.fromEntries(
      Object.entries(given).map(([name, { data, shape }]) => [
        name,
        this.#tf.tensor(data, [...shape], 'int32'),
      ]),
    );
    try {
      const results = must(this.#signatures.get(signature), `the signature ${signature}`).predict(
        fed,
      ) as NamedTensors;
      const taken: Record<string, Tensor> = {};
      for (const [name, result] of Object.entries(results)) taken[name] = await take(result);
      delete taken[DONE];
      return taken;
    } finally {
      for (const tensor of Object.values(fed)) tensor.dispose();
    }
  }

  /** Sets variables. */
  async write(values: ReadonlyMap<string, Tensor>): Promise<void> {
    for (const [name, { data, shape }] of values) {
      const words = new Int32Array(data.buffer, data.byteOffset, data.length);
      await this.run(writeOf(name), { [VALUE]: { data: words, shape } });
    }
  }

  /** Copies variables to the host: nothing else crosses the bus. */
  async read(names: readonly string[] = this.variables): Promise<Map<string, Tensor>> {
    const read = new Map<string, Tensor>();
    for (const name of names) read.set(name, (await this.run(readOf(name), {}))[VALUE]);
    return read;
  }

  dispose(): void {
    for (const signature of this.#signatures.values()) signature.dispose();
  }
}

async function take(tensor: TfTensor): Promise<Tensor> {
  const data = (await tensor.data()) as Float32Array | Int32Array;
  const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
  const value: Tensor = { dtype, shape: [...tensor.shape], data };
  tensor.dispose();
  return value;
}
