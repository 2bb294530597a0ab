/** The model as a table of layers. */
import { numel } from '@froyolo/common';
import { formatLiteral } from './literal.js';
import type { LayerInfo, Model } from './model.js';

export interface LayerTableOptions {
  /** Names of the parameters without gradient; none unless given. */
  readonly frozen?: ReadonlySet<string>;
  /** Image size of the GFLOPs, 640 unless given. */
  readonly imgsz?: number;
}

const HEADER = row('', 'from', 'n', 'params', 'module', 'arguments');

/**
 * One line per layer (index, from, n, params, module, arguments), then a line of totals: layers, parameters, those with
 * gradient, and GFLOPs, which are two per multiply-add of the convolutions on one image.
 */
export function formatLayerTable(model: Model, { frozen, imgsz = 640 }: LayerTableOptions = {}): string {
  const lines = model.layers.map((layer) =>
    row(
      String(layer.index),
      formatFrom(layer),
      String(layer.n),
      String(layer.parameterCount),
      layer.type,
      formatLiteral(layer.args),
    ),
  );
  return [HEADER, ...lines, totals(model, frozen, imgsz)].join('\n');
}

function row(index: string, from: string, n: string, params: string, module: string, args: string): string {
  return `${index.padStart(3)}${from.padStart(18)}${n.padStart(3)}${params.padStart(10)}  ${module.padEnd(40)}${args}`;
}

const formatFrom = ({ from }: LayerInfo) => (from.length === 1 ? String(from[0]) : `[${from.join(', ')}]`);

function totals(model: Model, frozen: ReadonlySet<string> | undefined, imgsz: number): string {
  const size = (keep: (name: string) => boolean) =>
    model.parameters.filter(({ name }) => keep(name)).reduce((sum, { shape }) => sum + numel(shape), 0);
  const gflops = (2 * model.macs(imgsz)) / 1e9;
  return [
    `${model.layers.length} layers`,
    `${size(() => true)} parameters`,
    `${size((name) => !frozen?.has(name))} gradients`,
    `${gflops.toFixed(1)} GFLOPs at ${imgsz}`,
  ].join(', ');
}
