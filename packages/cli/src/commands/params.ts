/** `froyolo params`: what a model is made of, and what a freeze does to it. */
import { numel } from '@froyolo/common';
import {
  describeFreeze,
  describeUnfreezing,
  type FreezePolicy,
  type FreezeStage,
  parseFreeze,
  parseUnfreeze,
  resolveFreeze,
  resolveStages,
} from '@froyolo/freeze';
import { formatLayerTable, type Model } from '@froyolo/model-yaml';
import { resolveSettings, SETTINGS } from '@froyolo/run/settings';
import type { Given } from '../args/options.js';
import { loadModel } from '../checkpoint.js';
import type { CommandContext } from '../context.js';
import { formatTable } from '../output/format.js';

const COLUMNS = [
  { title: 'parameter', align: 'left' as const },
  { title: 'shape' },
  { title: 'size' },
  { title: '', align: 'left' as const },
];

export async function runParams({ terminal, signal }: CommandContext, given: Given<'params'>): Promise<void> {
  const { json = false, ...options } = given;
  const settings = resolveSettings(SETTINGS, 'params', options);
  const model = await loadModel(settings, terminal, signal);
  const { parameters, sections } = model;
  const { freeze, freezeBn, unfreeze = [], imgsz } = settings;
  const policy = resolveFreeze(parseFreeze(freeze), parameters, { freezeBn, sections });
  const stages = resolveStages(policy, parseUnfreeze(unfreeze), parameters, sections);
  const lines = json ? [asJson(model, policy, stages)] : asText(model, policy, stages, imgsz);
  for (const line of lines) terminal.print(line);
}

function asText(model: Model, freeze: FreezePolicy, stages: readonly FreezeStage[], imgsz: number): string[] {
  const rows = model.parameters.map(({ name, shape }) => [
    name,
    shape.join('x'),
    String(numel(shape)),
    statusOf(name, stages),
  ]);
  return [
    ...formatTable(COLUMNS, rows),
    '',
    formatLayerTable(model, { frozen: freeze.frozen, imgsz }),
    ...describeFreeze(freeze, model.parameters),
    ...describeUnfreezing(stages, model.parameters),
  ];
}

/** `frozen`, or until which epoch. */
function statusOf(name: string, stages: readonly FreezeStage[]): string {
  const epoch = trainedFrom(name, stages);
  if (epoch === undefined) return 'frozen';
  return epoch === 0 ? '' : `frozen until epoch ${epoch}`;
}

/** The first epoch that trains a parameter; undefined if none does. */
function trainedFrom(name: string, stages: readonly FreezeStage[]): number | undefined {
  return stages.find(({ policy }) => !policy.frozen.has(name))?.epoch;
}

function asJson({ parameters }: Model, freeze: FreezePolicy, stages: readonly FreezeStage[]): string {
  const list = parameters.map(({ name, shape }) => ({
    name,
    shape,
    frozen: freeze.frozen.has(name),
    ...(stages.length > 1 ? { trainedFrom: trainedFrom(name, stages) ?? null } : {}),
  }));
  const { layers: frozenLayers, freezeBn } = freeze;
  return JSON.stringify({ parameters: list, frozenLayers, freezeBn }, undefined, 2);
}
