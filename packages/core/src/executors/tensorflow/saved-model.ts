/** Graphs as signatures of one SavedModel. State is resource variables, which every signature of the model shares. */
import { madeOf, type NamedLeaf, namedLeaves } from '../../graph/leaves.js';
import { type Graph, GraphError, type Node, type Shape, topologicalOrder } from '../../graph/node.js';
import { Context, type ContextOptions, type ImageFormat, type Value } from './context.js';
import { fuseBatchNorm } from './fuse-batch-norm.js';
import { attr, GraphBuilder, shapeProto, TF_TYPE, type TfType } from './graph-builder.js';
import { lowerNodes } from './lower-graph.js';
import { encodeSavedModel, type NodeDef, type SignatureDef, type TensorInfo } from './proto.js';

/** How the `input` leaves are fed: each in its own type, or its bytes as int32 words (see `SavedModelBuilder`). */
export type FeedType = 'own' | 'words';

/** Output of a signature that is there so that the rest of it runs. */
export const DONE = 'done';
/** Input of a signature that needs none: tfjs-node runs no signature without inputs. */
export const NOTHING = 'nothing';
/** The value of a signature that reads or writes a variable. */
export const VALUE = 'value';
/** Names of those signatures. */
export const readOf = (variable: string) => `read/${variable}`;
export const writeOf = (variable: string) => `write/${variable}`;

/** How many elements an int32 word holds. */
const PER_WORD = { float32: 1, int32: 1, uint8: 4, float16: 2 } as const;

/** The shape in which a leaf is fed as words; where its rows are no whole words, each element is one. */
export function wordShape({ shape, dtype }: Pick<Node, 'shape' | 'dtype'>): Shape {
  const last = shape[shape.length - 1];
  const each = PER_WORD[dtype];
  if (each === 1 || typeof last !== 'number' || last % each !== 0) return shape;
  return [...shape.slice(0, -1), last / each];
}

export interface SavedModelOptions {
  /** How images lie in memory. TensorFlow's kernels for CPUs know `NHWC` alone, the default. */
  readonly format?: ImageFormat;
  /**
   * Batch normalization by the batch's statistics and its gradient as one op each. Fastest on GPUs; on CPUs
   * TensorFlow's sums over large images lose the third digit of gradients. Default false.
   */
  readonly fuseBatchNorm?: boolean;
  /**
   * Sums over the pixels of a channel row by row, then over the rows: on CPUs, TensorFlow's longer sums lose digits of
   * float32. GPUs sum in trees, and each op is a launch. Default true.
   */
  readonly sumsByRow?: boolean;
}

/**
 * Collects signatures. tfjs-node's tensors of int32 stay in host memory and share it with JavaScript, where those of
 * other types are copied to the GPU and back before a run: as `words` every input is an int32 tensor that the graph
 * reads as what it is.
 */
export class SavedModelBuilder {
  readonly #builder = new GraphBuilder();
  readonly #signatures: Record<string, SignatureDef> = {};
  readonly #variables = new Map<string, { readonly handle: string; readonly shape: readonly number[] }>();
  readonly #options: SavedModelOptions;

  constructor(options: SavedModelOptions = {}) {
    this.#options = options;
  }

  get #format(): ImageFormat {
    return this.#options.format ?? 'NHWC';
  }

  /** What the outputs of the signatures need. */
  get nodes(): readonly NodeDef[] {
    const infos = Object.values(this.#signatures).flatMap(({ inputs, outputs }) => [inputs, outputs]);
    return this.#builder.neededFor(infos.flatMap((named) => Object.values(named).map(({ name }) => name)));
  }

  get signatures(): string[] {
    return Object.keys(this.#signatures);
  }

  /** Names of the values that the signatures share. */
  get variables(): string[] {
    return [...this.#variables.keys()];
  }

  /** @throws GraphError for an op that is not known and for two leaves of one name */
  add(signature: string, graph: Graph, feeds: FeedType): void {
    const fed = topologicalOrder(Object.values(graph.outputs));
    const inputs = this.#placeholders(namedLeaves(fed), feeds);
    const lowered = this.#options.fuseBatchNorm ? fuseBatchNorm(graph) : graph;
    const { sumsByRow = true } = this.#options;
    const context = new Context(this.#builder, { format: this.#format, sizes: sizesOf(inputs), sumsByRow });
    const fedValues = new Map<Node, Value>();
    for (const [node, { tensor }] of inputs)
      fedValues.set(node, context.value(feeds === 'words' ? fromWords(context, tensor, node) : tensor, node));
    const values = lowerNodes(context, Object.values(lowered.outputs), fedValues, (node) =>
      context.value(this.#read(node.name, node.shape as readonly number[]), node),
    );
    this.#finish(signature, lowered, context, infosOf(inputs), values);
  }

  #placeholders(leaves: readonly NamedLeaf[], feeds: FeedType): Map<NamedLeaf, Fed> {
    return new Map(
      leaves
        .filter(({ op }) => op === 'input')
        .map((node) => {
          const shape = feeds === 'words' ? wordShape(node) : node.shape;
          const dtype = feeds === 'words' ? 'int32' : node.dtype;
          return [node, { tensor: this.#placeholder(shape, dtype), shape, dtype }];
        }),
    );
  }

  /** State is written when everything is computed: a run that fails on the way leaves it as it was. */
  #finish(
    signature: string,
    { outputs, state = {} }: Graph,
    context: Context,
    inputs: Readonly<Record<string, TensorInfo>>,
    values: ReadonlyMap<Node, Value>,
  ): void {
    const entries = Object.entries(outputs).map(([name, node]) => {
      const value = madeOf(values, node);
      return { name, node, tensor: context.plain(value) };
    });
    const computed = [...new Set(entries.map(({ tensor }) => tensor))];
    const barrier = this.#builder.emit('NoOp', [], { after: computed, own: true });
    const written = entries
      .filter(({ name }) => name in state)
      .map(({ name, node, tensor }) =>
        this.#assign(state[name], node.shape as readonly number[], tensor, [barrier]),
      );
    const returned = entries
      .filter(({ name }) => !(name in state))
      .map(({ name, node, tensor }) => [name, this.#output(context, node, tensor)] as const);
    this.#addSignature(signature, inputs, {
      ...Object.fromEntries(returned),
      ...(written.length > 0 ? { [DONE]: this.#done(written) } : {}),
    });
  }

  /** tfjs has float32 and int32 alone. */
  #output(context: Context, { shape, dtype }: Node, tensor: string): TensorInfo {
    if (dtype === 'float32' || dtype === 'int32') return infoOf(this.#identity(tensor, dtype), shape, dtype);
    const whole =
      dtype === 'float16'
        ? context.cast(bitcast(context, tensor, 'float16', 'uint16'), 'uint16', 'int32')
        : context.cast(tensor, dtype, 'int32');
    return infoOf(whole, shape, 'int32');
  }

  #identity(tensor: string, dtype: TfType, after: readonly string[] = []): string {
    return this.#builder.emit('Identity', [tensor], { attrs: { T: attr.type(dtype) }, after, own: true });
  }

  #done(after: readonly string[]): TensorInfo {
    return infoOf(this.#identity(this.#builder.int32(1), 'int32', after), [], 'int32');
  }

  #placeholder(shape: Shape, dtype: TfType): string {
    const sizes = shape.map((d) => (typeof d === 'number' ? d : -1));
    const attrs = { dtype: attr.type(dtype), shape: attr.shape(sizes) };
    return this.#builder.emit('Placeholder', [], { attrs, own: true });
  }

  #variable(name: string, shape: readonly number[]): string {
    const known = this.#variables.get(name);
    if (known && known.shape.join() !== shape.join())
      throw new GraphError(`param "${name}" is [${known.shape}] in one graph, [${shape}] in another`);
    if (known) return known.handle;
    const attrs = {
      dtype: attr.type('float32'),
      shape: attr.shape(shape),
      shared_name: attr.string(name),
    };
    const handle = this.#builder.emit('VarHandleOp', [], { attrs, own: true });
    this.#variables.set(name, { handle, shape });
    return handle;
  }

  #read(name: string, shape: readonly number[]): string {
    const attrs = { dtype: attr.type('float32') };
    return this.#builder.emit('ReadVariableOp', [this.#variable(name, shape)], { attrs });
  }

  #assign(name: string, shape: readonly number[], value: string, after: readonly string[]): string {
    const attrs = { dtype: attr.type('float32') };
    const inputs = [this.#variable(name, shape), value];
    return this.#builder.emit('AssignVariableOp', inputs, { attrs, after, own: true });
  }

  #addSignature(
    name: string,
    inputs: Readonly<Record<string, TensorInfo>>,
    outputs: Readonly<Record<string, TensorInfo>>,
  ): void {
    const given = Object.keys(inputs).length > 0;
    this.#signatures[name] = {
      inputs: given ? inputs : { [NOTHING]: infoOf(this.#placeholder([], 'int32'), [], 'int32') },
      outputs,
      methodName: 'tensorflow/serving/predict',
    };
  }

  /** Adds two signatures for each variable, which read and write it. */
  addState(): void {
    const context = new Context(this.#builder, { format: this.#format, sizes: new Map() });
    for (const [name, { shape }] of this.#variables) {
      const fed = this.#placeholder(shape, 'int32');
      const written = this.#assign(name, shape, bitcast(context, fed, 'int32', 'float32'), []);
      const value = this.#identity(this.#read(name, shape), 'float32');
      this.#addSignature(
        writeOf(name),
        { [VALUE]: infoOf(fed, shape, 'int32') },
        { [DONE]: this.#done([written]) },
      );
      this.#addSignature(readOf(name), {}, { [VALUE]: infoOf(value, shape, 'float32') });
    }
  }

  encode(): Uint8Array {
    return encodeSavedModel(this.nodes, this.#signatures);
  }

  /** The same without what computes. */
  encodeSignatures(): Uint8Array {
    return encodeSavedModel([], this.#signatures);
  }
}

/** A placeholder. */
export interface Fed {
  readonly tensor: string;
  readonly shape: Shape;
  readonly dtype: TfType;
}

const infosOf = (inputs: ReadonlyMap<NamedLeaf, Fed>) =>
  Object.fromEntries(
    [...inputs].map(([{ name }, { tensor, shape, dtype }]) => [name, infoOf(tensor, shape, dtype)]),
  );

/** Where the symbolic sizes can be read off. */
export function sizesOf(inputs: ReadonlyMap<Node, Fed>): ContextOptions['sizes'] {
  const sizes = new Map<string, { tensor: string; dtype: TfType; axis: number }>();
  for (const [{ shape }, { tensor, dtype }] of inputs)
    shape.forEach((d, axis) => {
      if (typeof d === 'string' && !sizes.has(d)) sizes.set(d, { tensor, dtype, axis });
    });
  return sizes;
}

/** What a signature says of a value. */
export function infoOf(node: string, shape: Shape, dtype: TfType): TensorInfo {
  const sizes = shape.map((d) => (typeof d === 'number' ? d : -1));
  return { name: `${node}:0`, dtype: TF_TYPE[dtype], tensorShape: shapeProto(sizes) };
}

function bitcast(context: Context, x: string, from: TfType, to: TfType): string {
  return context.emit('Bitcast', [x], from, { type: attr.type(to) });
}

/** What was fed as int32 words in the type and shape of its leaf. */
function fromWords(context: Context, words: string, { shape, dtype }: Node): string {
  if (dtype === 'int32') return words;
  if (dtype === 'float32') return bitcast(context, words, 'int32', 'float32');
  if (wordShape({ shape, dtype }) !== shape)
    return context.reshape(bitcast(context, words, 'int32', dtype), shape, dtype);
  if (dtype === 'uint8') return context.cast(words, 'int32', 'uint8');
  return bitcast(context, context.cast(words, 'int32', 'uint16'), 'uint16', 'float16');
}

/** The bytes of `saved_model.pb` with one signature, `serving_default`; its inputs have the names and types of the leaves. */
export function toSavedModel(graph: Graph, options: SavedModelOptions = {}): Uint8Array {
  const builder = new SavedModelBuilder(options);
  builder.add('serving_default', graph, 'own');
  if (builder.variables.length > 0)
    throw new GraphError(
      `a SavedModel holds its values: bind ${builder.variables.join(', ')} with bindConstants first`,
    );
  return builder.encode();
}
