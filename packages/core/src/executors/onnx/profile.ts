/** onnxruntime's profiles: a list of events in JSON, of which those of kind `Node` that end in `kernel_time` are ops. */
import { GraphError } from '../../graph/node.js';
import { type OpTime, OpTimer } from '../op-times.js';

/** Files that onnxruntime writes profiles to. */
export interface ProfileFiles {
  /** Makes the beginning of the next file's name. */
  newPrefix(): Promise<string>;
  /** Text of the file with that prefix, which is removed. */
  take(prefix: string): Promise<string>;
}

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  /** Microseconds: when it began, and how long it took. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string };
}

const isRun = ({ name }: ProfileEvent) => name === 'model_run';

/** Time by ONNX op in the last run of a profile. */
export function opTimesOf(profile: string): OpTime[] {
  const events: unknown = JSON.parse(profile);
  if (!Array.isArray(events)) throw new GraphError('the profile of onnxruntime is not a list of events');
  const all: readonly ProfileEvent[] = events;
  const start = Math.max(...all.filter(isRun).map(({ ts = 0 }) => ts));
  const timer = new OpTimer();
  for (const { cat, name = '', ts = 0, dur = 0, args } of all)
    if (cat === 'Node' && name.endsWith('kernel_time') && ts >= start)
      timer.add(args?.op_name ?? name, dur / 1e6);
  return timer.times;
}
