/** Matrix products on tfjs' kernels. */
import { count } from '../../ops/shapes.js';
import type { DeviceValue, KernelRunner, Lowering } from './kernel-runner.js';
import { identity, isIdentity, transposed } from './layout.js';
import type { TfTensor } from './runtime.js';

/** A stack of matrices `[B, rows, columns]`, and whether each is stored transposed. */
interface Matrices {
  readonly tensor: TfTensor;
  readonly swapped: boolean;
}

/** The matrices of `x`, repeated to the batch axes `batch` unless they are all the same one. */
function matrices(runner: KernelRunner, x: DeviceValue, batch: readonly number[]): Matrices {
  const rank = x.shape.length;
  const swapLast = [...identity(rank - 2), rank - 1, rank - 2];
  const swapped = isIdentity(transposed(x.layout, swapLast));
  const tensor = swapped ? x.buffer.tensor : runner.plain(x);
  const own = tensor.shape.slice(0, -2);
  const size = tensor.shape.slice(-2);
  if (count(own) === 1 || count(own) === count(batch))
    return { tensor: runner.reshape(tensor, [count(own), ...size]), swapped };
  const padded = [...Array(batch.length - own.length).fill(1), ...own];
  const reps = [...batch.map((n, i) => n / padded[i]), 1, 1];
  const repeated = runner.run('Tile', { x: runner.reshape(tensor, [...padded, ...size]) }, { reps });
  return { tensor: runner.reshape(repeated, [count(batch), ...size]), swapped };
}

export const lowerMatmul: Lowering<'matmul'> = (runner, [x, y], _attrs, shape) => {
  const batch = shape.slice(0, -2);
  const [a, b] = [matrices(runner, x, batch), matrices(runner, y, batch)];
  const product = runner.run(
    'BatchMatMul',
    { a: a.tensor, b: b.tensor },
    { transposeA: a.swapped, transposeB: b.swapped },
  );
  return runner.value(runner.reshape(product, shape));
};
