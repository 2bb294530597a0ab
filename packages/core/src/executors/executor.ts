/**
 * What every executor offers. An executor compiles a graph once and runs it many times; it never knows about YOLO.
 *
 * A `Store` holds named values on the device (parameters, optimizer state, running statistics). Programs of one
 * executor share a store: the `param` leaves of a graph are read from it, and the outputs that `graph.state` names
 * replace values in it.
 */
import type { Graph, Tensor } from '../graph/node.js';
import type { AsyncResource } from './disposable.js';
import type { OpTime } from './op-times.js';

/** Order of the axes in which filters `[O, I, kH, kW]` lie in a store. */
export type FilterOrder = 'OIHW' | 'HWIO';

/** What suits an executor, for whoever builds graphs for it. */
export interface ExecutorTraits {
  /** Whether it runs graphs of `mixedPrecision`. Default false. */
  readonly halfPrecision?: boolean;
  /** The order that its convolutions read without moving anything. Default `OIHW`. */
  readonly filterOrder?: FilterOrder;
  /** Whether two graphs that run one after the other are faster as one program (`chain`). Default false. */
  readonly prefersOneProgram?: boolean;
}

/** The traits alone, for an executor that wraps another. */
export const traitsOf = ({
  halfPrecision = false,
  filterOrder = 'OIHW',
  prefersOneProgram = false,
}: ExecutorTraits): Required<ExecutorTraits> => ({ halfPrecision, filterOrder, prefersOneProgram });

/** Frees all programs and stores that it gave out when it is disposed of. */
export interface Executor extends AsyncResource, ExecutorTraits {
  /** Name in the device table: `ort-cpu`, `tfjs-node`, … */
  readonly name: string;
  compile(graph: Graph): Promise<Program>;
  createStore(values: ReadonlyMap<string, Tensor>): Promise<Store>;
  /** Opens an ONNX model of any origin; its program takes and gives values by the model's names. Absent if it can't. */
  openOnnx?(model: Uint8Array): Promise<Program>;
  /**
   * Opens a TensorFlow.js graph model of any origin and computes the nodes named, whose sizes must be known before the
   * run. Absent if it can't.
   */
  openGraphModel?(model: GraphModel, outputs: readonly string[]): Promise<Program>;
  /**
   * Runs a graph twice and tells how long each op takes in the second run. Absent if that can't be measured: on
   * devices that only queue the work of an op.
   */
  profile?(graph: Graph, feeds: Readonly<Record<string, Tensor>>, store?: Store): Promise<readonly OpTime[]>;
}

/** A TensorFlow.js graph model: the content of `model.json`, and the bytes of its shards in order. */
export interface GraphModel {
  readonly topology: object;
  /** `weights` of all groups of the manifest. */
  readonly weightSpecs: readonly object[];
  readonly weightData: ArrayBuffer;
}

export interface Program {
  /**
   * Feeds every `input` leaf by name, reads `param` leaves from `store`, writes the state outputs back to it and
   * returns the other outputs in host memory. A run that throws leaves the store as it was.
   */
  run(feeds: Readonly<Record<string, Tensor>>, store?: Store): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export interface Store {
  readonly names: readonly string[];
  /** Copies to host memory; all values unless `names` are given. */
  read(names?: readonly string[]): Promise<Map<string, Tensor>>;
  /** Adds or replaces values. */
  write(values: ReadonlyMap<string, Tensor>): Promise<void>;
  dispose(): Promise<void>;
}
