/** A process that does one run of a study, so that its peak of memory is its own. Started by `launch.ts`. */
import { reasonOf } from '@froyolo/data/node';
import type { ArmOrder } from './launcher.js';
import type { ArmReply, ArmRequest } from './messages.js';
import { runArm } from './run-arm.js';

const controller = new AbortController();
// Ctrl-C reaches every process of a terminal; the study says when to stop.
process.on('SIGINT', () => undefined);
// The study was killed: the last checkpoint stays, and nobody waits for more.
process.on('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);
process.on('message', (request: ArmRequest) => {
  if (request.kind === 'stop') controller.abort();
  else run(request.order).then(leave, (error) => leave(asReply(error)));
});

function send(reply: ArmReply): void {
  process.send?.(reply);
}

/** The reply is on its way before the process ends. */
function leave(reply: ArmReply): void {
  process.send?.(reply, () => process.exit(reply.kind === 'error' ? 1 : 0));
}

async function run(order: ArmOrder): Promise<ArmReply> {
  const status = await runArm(order, controller.signal, {
    onSetup: (event) => send({ kind: 'setup', event }),
    onStart: (event) => send({ kind: 'start', event }),
    onStage: (epoch, text) => send({ kind: 'stage', epoch, text }),
    onBatch: ({ memory, ...event }) => send({ kind: 'batch', event, memory }),
    onEpoch: (event) => send({ kind: 'epoch', event }),
  });
  return { kind: 'end', status };
}

function asReply(error: unknown): ArmReply {
  if (!(error instanceof Error)) return { kind: 'error', message: String(error) };
  return { kind: 'error', message: reasonOf(error), ...(error.stack ? { stack: error.stack } : {}) };
}
