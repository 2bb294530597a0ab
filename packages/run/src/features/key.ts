/** The identity of cached features: when anything that they depend on changes, so does their key. */
import { sha256 } from '@froyolo/common';
import { type Graph, type Node, topologicalOrder } from '@froyolo/core';
import { augmentationOf, type Hyperparameters } from '@froyolo/data';

export interface FeatureKeyParts {
  /** From images to features, with the weights in it; the image size is that of its input. */
  readonly prefix: Graph;
  /**
   * What identifies each image and its labels, in the dataset's order. All count for every entry: a mosaic is made of
   * four images, drawn from the whole dataset.
   */
  readonly images: readonly string[];
  readonly hyp: Hyperparameters;
  readonly seed: number;
}

/** Changes when the format of stored features changes. */
const VERSION = 2;

/** 32 hexadecimal digits of a SHA-256. */
export async function featureKey({ prefix, images, hyp, seed }: FeatureKeyParts): Promise<string> {
  const augmentation = Object.entries(augmentationOf(hyp)).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [VERSION, seed, augmentation, images, await describe(prefix)];
  return (await sha256(new TextEncoder().encode(JSON.stringify(parts)))).slice(0, 32);
}

/** Every node by its op and inputs, constants by a digest of their values. */
async function describe({ outputs }: Graph): Promise<unknown[]> {
  const order = topologicalOrder(Object.values(outputs));
  const position = new Map(order.map((node, i) => [node, i]));
  const nodes = order.map(async ({ op, attrs, shape, dtype, name, inputs, value }: Node) => [
    ...[op, attrs, shape, dtype, name ?? null, inputs.map((x) => position.get(x))],
    value ? await sha256(bytesOf(value.data)) : null,
  ]);
  return [await Promise.all(nodes), Object.values(outputs).map((node) => position.get(node))];
}

/** A copy: a digest reads no memory that may be shared. */
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength).slice();
