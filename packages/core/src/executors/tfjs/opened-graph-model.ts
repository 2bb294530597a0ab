/** TensorFlow.js graph models of any origin, run by tfjs' own converter package. */
import { GraphError, type Tensor } from '../../graph/node.js';
import type { GraphModel, Program } from '../executor.js';
import { Resource, type Resources } from '../resource.js';
import type { TfRuntime, TfTensor } from './runtime.js';
import { download } from './transfer.js';

/** What is used of a model of `@tensorflow/tfjs-converter`. */
interface Loaded {
  execute(inputs: Record<string, TfTensor>, outputs: string[]): TfTensor | TfTensor[];
  dispose(): void;
}

export class OpenedGraphModel extends Resource implements Program {
  readonly #tf: TfRuntime;
  readonly #model: Loaded;
  readonly #outputs: readonly string[];

  private constructor(resources: Resources, tf: TfRuntime, model: Loaded, outputs: readonly string[]) {
    super(resources);
    this.#tf = tf;
    this.#model = model;
    this.#outputs = outputs;
  }

  /** @throws Error when `@tensorflow/tfjs-converter` is missing or can't read the model */
  static async open(
    resources: Resources,
    tf: TfRuntime,
    { topology, weightSpecs, weightData }: GraphModel,
    outputs: readonly string[],
  ): Promise<OpenedGraphModel> {
    const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
    const artifacts = { modelTopology: topology, weightSpecs: weightSpecs as never, weightData };
    const model = await loadGraphModel({ load: async () => artifacts });
    return new OpenedGraphModel(resources, tf, model as unknown as Loaded, outputs);
  }

  /** Takes and gives values as the model does: images are `[N, H, W, 3]`. */
  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, this.#upload(name, value)]),
    );
    try {
      const results = this.#model.execute(inputs, [...this.#outputs]);
      return await this.#collect(Array.isArray(results) ? results : [results]);
    } finally {
      for (const tensor of Object.values(inputs)) tensor.dispose();
    }
  }

  #upload(name: string, { dtype, data, shape }: Tensor): TfTensor {
    if (data instanceof Float32Array) return this.#tf.tensor(data, [...shape], 'float32');
    if (data instanceof Int32Array) return this.#tf.tensor(data, [...shape], 'int32');
    throw new GraphError(`input "${name}" of a graph model can't be ${dtype}`);
  }

  async #collect(results: readonly TfTensor[]): Promise<Record<string, Tensor>> {
    const values: [string, Tensor][] = [];
    for (const [i, tensor] of results.entries()) {
      values.push([this.#outputs[i] ?? '', await download(tensor)]);
      tensor.dispose();
    }
    return Object.fromEntries(values);
  }

  protected async free() {
    this.#model.dispose();
  }
}
