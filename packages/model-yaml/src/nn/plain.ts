/** Modules without a convolution. */
import { type Node, ops } from '@froyolo/core';
import type { Forward, Run, Scope } from './scope.js';

/** Repeats each pixel `scale` times along both axes. */
export function upsample(scope: Scope, scale: number): Forward {
  scope.module('torch.nn.modules.upsampling.Upsample', {
    name: 'Upsample',
    size: null,
    scale_factor: { float: scale },
    mode: 'nearest',
    align_corners: null,
    recompute_scale_factor: null,
  });
  return (x) => ops.upsampleNearest2d(x, scale);
}

interface Sides {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function zeroPad(scope: Scope, { left, right, top, bottom }: Sides): Forward {
  const padding = { tuple: [left, right, top, bottom] };
  scope.module('torch.nn.modules.padding.ZeroPad2d', { padding, value: { float: 0 } });
  return (x) => ops.pad(ops.pad(x, 3, left, right), 2, top, bottom);
}

/** Adds layers, each but the first by a factor 2σ(w) where `weighted` (BiFPN, Tan et al., 2019). */
export function sum(scope: Scope, count: number, weighted: boolean): (xs: readonly Node[], run: Run) => Node {
  scope.module('models.experimental.Sum', { weight: weighted });
  const weight = weighted ? scope.parameter('w', [count - 1], 'sum.weight') : undefined;
  return ([first, ...rest], run) => {
    const factors = weight && ops.mul(ops.sigmoid(weight(run)), 2);
    const scaled = rest.map((x, i) => (factors ? ops.mul(x, ops.slice(factors, 0, i, i + 1)) : x));
    return scaled.reduce((total, x) => ops.add(total, x), first);
  };
}
