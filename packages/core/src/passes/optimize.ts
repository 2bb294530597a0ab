import { debug, debugLevel } from '../debug.js';
import type { Graph } from '../graph/node.js';
import { PASSES } from './passes.js';
import { passTraceText, tracePasses } from './trace.js';

/**
 * The same values with less work. Build gradients and bind constants (`bindConstants`) before: an optimized graph
 * can be run and exported, not differentiated.
 */
export function optimize(graph: Graph): Graph {
  if (debugLevel() < 2) return PASSES.reduce((current, { pass }) => pass(current), graph);
  const trace = tracePasses(graph);
  debug(2, () => trace.map(passTraceText).join('\n'));
  return trace.at(-1)?.graph ?? graph;
}
