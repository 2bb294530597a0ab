/** `froyolo params`: what a model is made of, and what a freeze does to it. */
import {
  describeFreeze,
  type FreezePolicy,
  type FrozenBatchNorm,
  parseFreeze,
  resolveFreeze,
} from '@froyolo/freeze';
import { formatLayerTable, type Model } from '@froyolo/model-yaml';
import {
  addFreezeFlags,
  addImageSizeFlag,
  type CommandContext,
  type CommandEntry,
  createCommand,
} from '../args/command.js';
import { loadModel } from '../checkpoint.js';
import { formatTable } from '../output/format.js';

interface ParamsFlags {
  readonly weights: string;
  readonly cfg?: string;
  readonly data?: string;
  readonly freeze: readonly string[];
  readonly freezeBn: FrozenBatchNorm;
  readonly imgsz: number;
  readonly json?: boolean;
}

const COLUMNS = [
  { title: 'parameter', align: 'left' as const },
  { title: 'shape' },
  { title: 'size' },
  { title: '', align: 'left' as const },
];

export function createParamsCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('params', 'List layers and parameters, and what a freeze does to them');
  const { command } = entry;
  command
    .option('--weights <file>', 'detector: .pt, .safetensors or an official name', 'yolov5s.pt')
    .option('--cfg <file>', 'architecture instead of weights: a YAML or an official name such as yolov5n')
    .option('--data <file>', 'dataset YAML whose number of classes counts, with --cfg');
  addFreezeFlags(command);
  addImageSizeFlag(command);
  command.option('--json', 'as JSON');
  command.action((flags: ParamsFlags) => runParams(context, flags));
  return entry;
}

async function runParams({ terminal, signal }: CommandContext, flags: ParamsFlags): Promise<void> {
  const model = await loadModel(flags, terminal, signal);
  const freeze = resolveFreeze(parseFreeze(flags.freeze), model.parameters, {
    freezeBn: flags.freezeBn,
    sections: model.sections,
  });
  const lines = flags.json ? [asJson(model, freeze)] : asText(model, freeze, flags.imgsz);
  for (const line of lines) terminal.print(line);
}

function asText(model: Model, freeze: FreezePolicy, imgsz: number): string[] {
  const rows = model.parameters.map(({ name, shape }) => [
    name,
    shape.join('x'),
    String(sizeOf(shape)),
    freeze.frozen.has(name) ? 'frozen' : '',
  ]);
  return [
    ...formatTable(COLUMNS, rows),
    '',
    formatLayerTable(model, { frozen: freeze.frozen, imgsz }),
    ...describeFreeze(freeze, model.parameters),
  ];
}

function asJson(model: Model, freeze: FreezePolicy): string {
  const parameters = model.parameters.map(({ name, shape }) => ({
    name,
    shape,
    frozen: freeze.frozen.has(name),
  }));
  return JSON.stringify({ parameters, frozenLayers: freeze.layers, freezeBn: freeze.freezeBn }, undefined, 2);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
