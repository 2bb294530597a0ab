/** Debug output of an executor: docs/debugging.md. */
import { debug } from '../debug.js';
import type { Executor, Program } from '../executors/executor.js';
import type { Graph } from '../graph/node.js';
import { opCounts } from '../graph/op-counts.js';
import { printGraph } from '../inspect/print.js';

/** The executor, which tells of each graph that it compiles (1, 4) and of each run (3). */
export function debugExecutor(executor: Executor): Executor {
  return {
    ...executor,
    async compile(graph) {
      const start = performance.now();
      const program = await executor.compile(graph);
      const name = `${executor.name}: ${titleOf(graph)}`;
      debug(1, () => `${name}: compiled in ${since(start)}`);
      debug(4, () => printGraph(graph));
      return debugProgram(name, program);
    },
  };
}

function debugProgram(name: string, program: Program): Program {
  return {
    async run(feeds, store) {
      const start = performance.now();
      const results = await program.run(feeds, store);
      debug(3, () => `${name}: run in ${since(start)}`);
      return results;
    },
    dispose: () => program.dispose(),
  };
}

/** `412 ops, loss and 7 more outputs` */
function titleOf(graph: Graph): string {
  const ops = [...opCounts(graph).values()].reduce((a, b) => a + b, 0);
  const [first = 'no', ...others] = Object.keys(graph.outputs);
  return `${ops} ops, ${first}${others.length > 0 ? ` and ${others.length} more outputs` : ''}`;
}

const since = (start: number) => `${(performance.now() - start).toFixed(1)} ms`;
