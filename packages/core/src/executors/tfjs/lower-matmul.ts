/** Matrix products on tfjs' kernels. */
import type { Device, Value } from './device.js';
import { identity, isIdentity, transposed } from './layout.js';
import type { Lowering } from './lowering.js';
import type { TfTensor } from './runtime.js';

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A stack of matrices `[B, rows, columns]`, and whether each is stored transposed. */
interface Matrices {
  readonly tensor: TfTensor;
  readonly swapped: boolean;
}

/** The matrices of `x`, repeated to the batch axes `batch` unless they are all the same one. */
function matrices(device: Device, x: Value, batch: readonly number[]): Matrices {
  const rank = x.shape.length;
  const swapLast = [...identity(rank - 2), rank - 1, rank - 2];
  const swapped = isIdentity(transposed(x.layout, swapLast));
  const tensor = swapped ? x.buffer.tensor : device.plain(x);
  const own = tensor.shape.slice(0, -2);
  const size = tensor.shape.slice(-2);
  if (count(own) === 1 || count(own) === count(batch))
    return { tensor: device.reshape(tensor, [count(own), ...size]), swapped };
  const padded = [...Array(batch.length - own.length).fill(1), ...own];
  const reps = [...batch.map((n, i) => n / padded[i]), 1, 1];
  const repeated = device.run('Tile', { x: device.reshape(tensor, [...padded, ...size]) }, { reps });
  return { tensor: device.reshape(repeated, [count(batch), ...size]), swapped };
}

export const lowerMatmul: Lowering = (device, inputs, _attrs, shape) => {
  const [a, b] = inputs.map((x) => matrices(device, x, shape.slice(0, -2)));
  const y = device.run(
    'BatchMatMul',
    { a: a.tensor, b: b.tensor },
    { transposeA: a.swapped, transposeB: b.swapped },
  );
  return device.value(device.reshape(y, shape));
};
