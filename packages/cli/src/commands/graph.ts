/** `froyolo graph`: a training step's graph after any pass, what each pass changes, and what ops cost. */

import { writeAtomic } from '@froyolo/common/node';
import {
  type Graph,
  launchesText,
  passTraceText,
  printGraph,
  summarize,
  summarizeLaunches,
  toDot,
  trafficOf,
  trafficText,
} from '@froyolo/core';
import { type StepGraph, stepGraph } from '../api/graph.js';
import type { Given } from '../args/options.js';
import { commonEvents } from '../common-events.js';
import type { CommandContext } from '../context.js';
import { checkDevice } from '../device.js';
import { UsageError } from '../errors.js';
import { formatTable } from '../output/format.js';
import type { Terminal } from '../output/terminal.js';
import { shortPath } from '../paths.js';

export async function runGraph({ terminal, signal }: CommandContext, given: Given<'graph'>): Promise<void> {
  const { after, print = false, measure = false, dot, onnx, ...options } = given;
  checkDevice(options.device, 'a step');
  const step = await stepGraph(options, commonEvents({ terminal, signal }, options.weights));
  const graph = graphAfter(step, after);
  if (print) terminal.print(printGraph(graph, step.sizes));
  else printSummary(step, graph, terminal);
  if (measure) await printTimes(step, terminal);
  await writeFiles(graph, { dot, onnx }, terminal);
}

/** `after` counts the passes from 1; 0 is the graph before all of them. */
function graphAfter({ graph, passes }: StepGraph, after = passes.length): Graph {
  if (after > passes.length) throw new UsageError(`--after ${after}: there are ${passes.length} passes`);
  return passes[after - 1]?.graph ?? graph;
}

function printSummary({ passes, sizes }: StepGraph, graph: Graph, terminal: Terminal): void {
  for (const [i, pass] of passes.entries()) terminal.print(`${i + 1} ${passTraceText(pass)}`);
  terminal.print();
  const rows = [...summarize(graph, sizes)].map(([op, { count, flops }]) => [
    op,
    String(count),
    (flops / 1e9).toFixed(3),
  ]);
  const columns = [{ title: 'op', align: 'left' as const }, { title: 'count' }, { title: 'GFLOPs' }];
  for (const line of formatTable(columns, rows)) terminal.print(line);
  terminal.print();
  terminal.print(launchesText(summarizeLaunches(graph, sizes)));
  terminal.print(trafficText(trafficOf(graph, sizes)));
}

async function printTimes(step: StepGraph, terminal: Terminal): Promise<void> {
  const times = await step.measure();
  if (!times) return terminal.warn('this device queues its work and cannot tell the time of an op');
  const rows = times.map(({ op, count, seconds }) => [op, String(count), (1000 * seconds).toFixed(2)]);
  const columns = [{ title: 'op that ran', align: 'left' as const }, { title: 'count' }, { title: 'ms' }];
  terminal.print();
  for (const line of formatTable(columns, rows)) terminal.print(line);
}

async function writeFiles(
  graph: Graph,
  { dot, onnx }: Pick<Given<'graph'>, 'dot' | 'onnx'>,
  terminal: Terminal,
): Promise<void> {
  if (dot !== undefined) await writeAtomic(dot, toDot(graph));
  if (onnx !== undefined) {
    const { toOnnx } = await import('@froyolo/core/onnx');
    await writeAtomic(onnx, toOnnx(graph).bytes);
  }
  for (const file of [dot, onnx]) if (file !== undefined) terminal.note(`Written: ${shortPath(file)}`);
}
