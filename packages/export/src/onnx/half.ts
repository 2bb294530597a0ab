/** Half precision: weights, input and output as float16. */
import { float32Tensor, toFloat16 } from '@froyolo/weights';
import { ELEMENT, type OnnxGraph, type OnnxNode } from './graph.js';

/** Inputs, by op, that stay float32 by definition: region and factors of a resize. */
const STAYS: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2] };

/** Changes every float32 of the graph to float16; sizes and indices stay as they are. */
export function toHalf(graph: OnnxGraph): void {
  const kept = new Set(graph.nodes.flatMap(keptInputs));
  for (const initializer of graph.initializers) {
    if (initializer.dataType !== ELEMENT.float32 || kept.has(String(initializer.name))) continue;
    const bytes = new Uint8Array(initializer.rawData ?? []);
    const values = new Float32Array(bytes.buffer);
    const { data } = toFloat16(float32Tensor([values.length], values));
    initializer.rawData = new Uint8Array(data.buffer);
    initializer.dataType = ELEMENT.float16;
  }
  for (const node of graph.nodes) if (node.opType === 'Cast') castToHalf(node);
}

const keptInputs = ({ opType, input }: OnnxNode) =>
  (STAYS[String(opType)] ?? []).flatMap((index) => input?.[index] ?? []);

function castToHalf(node: OnnxNode): void {
  for (const attribute of node.attribute ?? [])
    if (attribute.name === 'to' && Number(attribute.i) === ELEMENT.float32) attribute.i = ELEMENT.float16;
}
