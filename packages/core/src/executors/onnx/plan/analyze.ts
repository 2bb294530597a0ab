/** Cost of a program on onnxruntime's CPU provider, computed from its graph without running it. */
import { type Graph, isLeaf, type Node, topologicalOrder } from '../../../graph/node.js';
import { flopsOf } from '../../../ops/apply.js';
import { fixedShape } from '../../../ops/shapes.js';
import { ONNX_OPS } from '../ops.js';
import { bytesOf } from '../value.js';
import { addWork, NO_WORK, type Work } from '../work.js';
import { withSizes } from './bind-graph.js';
import { planBuffers } from './buffers.js';
import { allocatedBytes, mostAlive } from './memory.js';
import { planOnnxProgram } from './program.js';

export interface ProgramAnalysis {
  /** Most bytes of values alive at one time during a run: activations, gradients, temporaries, results. */
  readonly liveBytes: number;
  /** Bytes that the executor takes from the system for a run: live values, gaps between them, and the results once more. */
  readonly allocatedBytes: number;
  /** Bytes of the feeds of a run. */
  readonly inputBytes: number;
  /** Bytes of constants, such as frozen weights. */
  readonly constantBytes: number;
  /** FLOPs of the outputs that don't replace a value of the store: of a training step, the forward pass and the loss. */
  readonly forwardFlops: number;
  /** FLOPs of everything else: gradients. */
  readonly backwardFlops: number;
  readonly work: Work;
}

/**
 * @param graph as it goes to the executor: after the passes
 * @param sizes values of the symbolic sizes, such as `batch`
 * @throws GraphError when a size isn't given, or an op of the lowering has no shape rule
 */
export function analyzeProgram(graph: Graph, sizes: Readonly<Record<string, number>> = {}): ProgramAnalysis {
  const bound = withSizes(graph, sizes);
  const program = planOnnxProgram(bound);
  const buffers = planBuffers(program);
  const all = topologicalOrder(Object.values(bound.outputs));
  const returned = Object.entries(bound.outputs).filter(([name]) => bound.state?.[name] === undefined);
  const forwardFlops = totalFlops(topologicalOrder(returned.map(([, node]) => node)));
  return {
    liveBytes: mostAlive(buffers, program.steps.length),
    allocatedBytes: allocatedBytes(buffers, program),
    inputBytes: all.filter(({ op }) => op === 'input').reduce((sum, leaf) => sum + leafBytes(leaf), 0),
    constantBytes: program.constantBytes,
    forwardFlops,
    backwardFlops: totalFlops(all) - forwardFlops,
    work: program.steps
      .map(({ node, step }) => ({ ...NO_WORK, ops: 1, ...ONNX_OPS[node.opType].work(step) }))
      .reduce(addWork, NO_WORK),
  };
}

function leafBytes({ dtype, shape }: Node): number {
  return bytesOf({ dtype, shape: fixedShape(shape) });
}

const totalFlops = (nodes: readonly Node[]) =>
  nodes.filter((node) => !isLeaf(node)).reduce((sum, node) => sum + flopsOf(node), 0);
