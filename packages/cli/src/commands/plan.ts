/** `froyolo plan`: what each depth of freezing costs, before anything is run. */
import type { OptimizerName } from '@froyolo/core';
import { loadDatasetConfig, writeAtomic } from '@froyolo/data/node';
import type { FrozenBatchNorm } from '@froyolo/freeze';
import { loadArchitecture, loadHyp } from '@froyolo/run/node';
import { createDetector, type Detector, type FreezePlanRow, planFreeze } from '@froyolo/yolo';
import { Option } from 'commander';
import { addImageSizeFlag, type CommandContext, type CommandEntry, createCommand } from '../args/command.js';
import { integer } from '../args/parsers.js';
import { loadWeights } from '../checkpoint.js';
import { UsageError } from '../errors.js';
import { shortPath } from '../paths.js';
import { drawPlan } from '../plan/picture.js';
import { planTable } from '../plan/table.js';

interface PlanFlags {
  readonly weights: string;
  readonly cfg?: string;
  readonly data?: string;
  readonly nc?: number;
  readonly imgsz: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly freezeBn: FrozenBatchNorm;
  readonly json?: boolean;
  readonly picture?: string;
}

export function createPlanCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('plan', 'Tell memory and time of every freeze depth, without running anything');
  const { command } = entry;
  command
    .option('--weights <file>', 'detector: .pt, .safetensors or an official name', 'yolov5s.pt')
    .option('--cfg <file>', 'architecture instead of weights: a YAML or an official name such as yolov5n')
    .option('--data <file>', 'dataset YAML whose number of classes counts')
    .option('--nc <count>', 'number of classes, without a dataset', integer({ min: 1 }));
  addImageSizeFlag(command);
  command
    .option('--batch-size <count>', 'images of a batch', integer({ min: 1 }), 16)
    .addOption(new Option('--optimizer <name>').choices(['SGD', 'Adam', 'AdamW']).default('SGD'))
    .addOption(
      new Option('--freeze-bn <mode>', 'batch normalization of frozen layers')
        .choices(['eval', 'stats', 'train'])
        .default('eval'),
    )
    .option('--json', 'as JSON, in bytes and FLOPs')
    .option('--picture <file>', 'also draw memory and time by depth, as SVG');
  command.action((flags: PlanFlags) => runPlan(context, flags));
  return entry;
}

async function runPlan(context: CommandContext, flags: PlanFlags): Promise<void> {
  const { terminal } = context;
  const detector = await detectorFor(flags, context);
  const stride = Math.max(...detector.model.strides);
  const imgsz = Math.ceil(flags.imgsz / stride) * stride;
  const { batchSize, optimizer, freezeBn } = flags;
  const rows = planFreeze(detector, {
    ...{ hyp: await loadHyp('scratch-low'), imgsz, batchSize, optimizer, freezeBn },
    onRow: ({ depth }) => terminal.live(`Planning freeze ${depth}`),
  });
  terminal.live('');
  const title = `${batchSize} images of ${imgsz} px, ${detector.names.length} classes, ${optimizer}`;
  if (flags.picture !== undefined) {
    await writeAtomic(flags.picture, await drawPlan(rows, title));
    terminal.note(`Picture: ${shortPath(flags.picture)}`);
  }
  const lines = flags.json
    ? [asJson(flags, imgsz, rows)]
    : [title, '', ...planTable(rows), '', ...EXPLANATION];
  for (const line of lines) terminal.print(line);
}

const EXPLANATION = [
  'forward, backward: FLOPs of a batch. activations: the most alive at one time, on the CPU through onnxruntime.',
  'optimizer: its state, gradients and averages. peak: all that a step adds to the process.',
  'time: of a step, freeze 0 = 1. cached: the step that starts at the kept features of the frozen layers.',
];

function asJson({ batchSize, optimizer }: PlanFlags, imgsz: number, rows: readonly FreezePlanRow[]): string {
  return JSON.stringify({ imgsz, batchSize, optimizer, rows }, undefined, 2);
}

/** Its values don't matter for a plan; the number of classes does. */
async function detectorFor(flags: PlanFlags, { terminal, signal }: CommandContext): Promise<Detector> {
  const names = await classNames(flags);
  if (flags.cfg !== undefined) {
    const { text, fileName } = await loadArchitecture(flags.cfg);
    if (!names) throw new UsageError('--cfg needs the number of classes: give --nc or --data');
    return createDetector(text, { fileName, names, seed: 0 });
  }
  const detector = await loadWeights(flags.weights, terminal, signal);
  return names ? createDetector(detector.model.spec.source, { names, seed: 0 }) : detector;
}

async function classNames({ data, nc }: PlanFlags): Promise<readonly string[] | undefined> {
  if (data !== undefined && nc !== undefined)
    throw new UsageError('--data and --nc both say the number of classes: give one of them');
  if (data !== undefined) return (await loadDatasetConfig(data)).names;
  return nc === undefined ? undefined : Array.from({ length: nc }, (_, i) => `class${i}`);
}
