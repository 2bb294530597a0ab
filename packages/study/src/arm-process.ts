/** A process that does one run of a study, so that its peak of memory is its own. Started by `launch.ts`. */
import { describeFreeze, describeStage, type SizedParameter } from '@froyolo/freeze';
import type { ArmReply, ArmRequest } from './messages.js';
import { type ArmOrder, runArm } from './run-arm.js';

const controller = new AbortController();
// Ctrl-C reaches every process of a terminal; the study says when to stop.
process.on('SIGINT', () => undefined);
// The study was killed: what the last checkpoint holds stays, and nobody waits for more.
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
  let parameters: readonly SizedParameter[] = [];
  const status = await runArm(order, controller.signal, {
    onSetup: ({ images, warnings, device, freeze, detector }) => {
      ({ parameters } = detector.model);
      const event = { images, warnings, device, freeze: describeFreeze(freeze, parameters) };
      send({ kind: 'setup', event });
    },
    onStart: (event) => send({ kind: 'start', event }),
    onStage: (event) => send({ kind: 'stage', epoch: event.epoch, text: describeStage(event, parameters) }),
    onBatch: (event) => send({ kind: 'batch', event, memory: process.memoryUsage.rss() }),
    onEpoch: (event) => send({ kind: 'epoch', event }),
  });
  return { kind: 'end', status };
}

function asReply(error: unknown): ArmReply {
  if (!(error instanceof Error)) return { kind: 'error', message: String(error) };
  return { kind: 'error', message: error.message, ...(error.stack ? { stack: error.stack } : {}) };
}
