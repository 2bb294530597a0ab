/** Pieces that schedules of learning rates, momentum and averages are made of, computed on the host. */

/** Updates over which the moving average comes to look far back, unless another number is given. */
const EMA_TAU = 2000;

/** Factor of the learning rate, from 1 straight down to `lrf` after `epochs`. */
export function linearFactor(epoch: number, epochs: number, lrf: number): number {
  return (1 - epoch / epochs) * (1 - lrf) + lrf;
}

/** Factor of the learning rate, from 1 along half a cosine down to `lrf` after `epochs`. */
export function cosineFactor(epoch: number, epochs: number, lrf: number): number {
  return ((1 - Math.cos((epoch * Math.PI) / epochs)) / 2) * (lrf - 1) + 1;
}

/** Decay of the moving average at its n-th update, from 1: small at first, 0.9999 after many times `tau`. */
export function emaDecay(update: number, tau = EMA_TAU): number {
  return 0.9999 * (1 - Math.exp(-update / tau));
}

/** The value on a straight line from `from` to `to` when `share` of the way is done: a warm-up. */
export function ramp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
