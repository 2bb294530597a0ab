/** Tables have an entry for every op: what implements it, or the reason why nothing does. */
import { GraphError, type Node } from '../graph/node.js';

export class Unsupported {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The entry of an op that a table does not implement. */
export const unsupported = (reason: string): Unsupported => new Unsupported(reason);

/**
 * The implementation that a table has for a node.
 * @param what names the table in errors: `the onnx executor has no lowering`
 * @throws GraphError with the op and the reason if it has none
 */
export function implementation<T>(entry: T | Unsupported | undefined, node: Node, what: string): T {
  const complaint = `${what} for op "${node.op}"`;
  if (entry instanceof Unsupported) throw new GraphError(`${complaint}: ${entry.reason}`);
  if (entry === undefined) throw new GraphError(complaint);
  return entry;
}
