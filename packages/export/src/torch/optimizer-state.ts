/** The optimizer of a run that goes on, as PyTorch's `state_dict()` of it. */
import type { Model } from '@froyolo/model-yaml';
import { type Checkpoint, float32Tensor, type PyValue, type TorchWriter } from '@froyolo/weights';

/** Our names of an optimizer's values for a parameter, and PyTorch's. */
const SLOTS: Readonly<Record<string, string>> = {
  momentum: 'momentum_buffer',
  'adam.m': 'exp_avg',
  'adam.v': 'exp_avg_sq',
};

/** Groups in the order in which YOLOv5 hands them to its optimizer; weights of normalization have one axis. */
const GROUPS: readonly {
  readonly holds: (own: string, axes: number) => boolean;
  readonly decays: boolean;
}[] = [
  { holds: (own) => own === 'bias', decays: false },
  { holds: (own, axes) => own !== 'bias' && !(own === 'weight' && axes === 1), decays: true },
  { holds: (own, axes) => own === 'weight' && axes === 1, decays: false },
];

/** Settings that PyTorch keeps beside, at what they are there by default. */
const SGD: readonly [string, PyValue][] = [
  ['dampening', 0],
  ['nesterov', true],
];
const ADAM: readonly [string, PyValue][] = [
  ['eps', { float: 1e-8 }],
  ['amsgrad', false],
  ['capturable', false],
];
const BOTH: readonly [string, PyValue][] = [
  ['maximize', false],
  ['foreach', null],
  ['differentiable', false],
  ['fused', null],
];

/** @returns null where the checkpoint holds no optimizer */
export function optimizerState(writer: TorchWriter, model: Model, checkpoint: Checkpoint): PyValue {
  const { optimizer, groups } = checkpoint;
  if (!optimizer || !groups) return null;
  const names = GROUPS.map(({ holds }) =>
    model.parameters
      .filter(({ name, shape }) => holds(name.slice(name.lastIndexOf('.') + 1), shape.length))
      .map(({ name }) => name),
  );
  let next = 0;
  const paramGroups = names.map((members, i): PyValue => {
    const numbers = members.map(() => next++);
    return new Map([...settings(optimizer, GROUPS[i]?.decays ?? false), ['params', numbers]]);
  });
  const state = names.flat().flatMap((name, number) => {
    const values = stateOf(writer, name, groups, optimizer);
    return values ? [[number, values] as const] : [];
  });
  return new Map<PyValue, PyValue>([
    ['state', new Map<PyValue, PyValue>(state)],
    ['param_groups', paramGroups],
  ]);
}

type Optimizer = NonNullable<Checkpoint['optimizer']>;

function settings(optimizer: Optimizer, decays: boolean): [PyValue, PyValue][] {
  const float = (name: string) => ({ float: Number(optimizer[name] ?? 0) });
  const momentum = float('momentum');
  const own: readonly [string, PyValue][] =
    optimizer.name === 'SGD'
      ? [['momentum', momentum], ...SGD]
      : [['betas', { tuple: [momentum, { float: 0.999 }] }], ...ADAM];
  return [
    ['lr', float('lr')],
    ['initial_lr', float('initialLr')],
    ['weight_decay', decays ? float('weightDecay') : { float: 0 }],
    ...own,
    ...BOTH,
  ];
}

/** Values of a parameter; undefined for one that was never updated. */
function stateOf(
  writer: TorchWriter,
  name: string,
  groups: NonNullable<Checkpoint['groups']>,
  { name: optimizer, step }: Optimizer,
): PyValue | undefined {
  const values: [PyValue, PyValue][] = Object.entries(SLOTS).flatMap(([slot, own]) => {
    const value = groups[slot]?.get(name);
    return value ? [[own, writer.tensor(value)] as [PyValue, PyValue]] : [];
  });
  if (values.length === 0) return undefined;
  if (optimizer !== 'SGD') values.unshift(['step', writer.tensor(float32Tensor([], Float32Array.of(step)))]);
  return new Map(values);
}
