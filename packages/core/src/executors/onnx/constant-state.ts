/** Values of the store that a graph replaces by constants, such as gradients that become zero: they needn't be computed. */
import { numel } from '@froyolo/common';
import type { Graph, Node, Tensor } from '../../graph/node.js';
import { fixedShape } from '../../ops/shapes.js';

export interface WithoutConstants {
  /** What is left to compute. */
  readonly graph: Graph;
  /** New values of the store by their names there. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** Takes outputs that replace a value of the store by one number everywhere out of the graph. */
export function withoutConstantState(graph: Graph): WithoutConstants {
  const { outputs, state = {} } = graph;
  const constants = new Map<string, Tensor>();
  const rest = Object.entries(outputs).filter(([name, node]) => {
    const replaced = state[name];
    const value = replaced === undefined ? undefined : filledWith(node);
    if (replaced === undefined || value === undefined) return true;
    const shape = fixedShape(node.shape);
    constants.set(replaced, { dtype: 'float32', shape, data: new Float32Array(numel(shape)).fill(value) });
    return false;
  });
  if (constants.size === 0) return { graph, constants };
  const kept = Object.entries(state).filter(([, replaced]) => !constants.has(replaced));
  return {
    graph: { ...graph, outputs: Object.fromEntries(rest), state: Object.fromEntries(kept) },
    constants,
  };
}

/** The number that fills a broadcast scalar. */
function filledWith({ op, dtype, inputs: [x] }: Node): number | undefined {
  const isFilled = op === 'broadcastTo' && dtype === 'float32' && x?.value?.data.length === 1;
  return isFilled ? Number(x.value?.data[0]) : undefined;
}
