/** A network that is an ONNX model of any origin, run as it is. */
import { numel } from '@froyolo/common';
import { type Executor, type Program, type Tensor, toFloat16, toFloat32 } from '@froyolo/core';
import { DetectorError } from '../errors.js';

export interface OnnxNetwork {
  readonly bytes: Uint8Array;
  /** The file, for messages. */
  readonly file: string;
  /** Name of its one input, images `[N, 3, H, W]` in 0..1, and of the output with the predictions. */
  readonly input: string;
  readonly output: string;
  /** Images of a batch, where it takes no other number. */
  readonly batchSize?: number;
  /** Height and width of the images, where it takes no others. */
  readonly size?: readonly [height: number, width: number];
  /** Whether images and predictions are float16. */
  readonly half: boolean;
}

/**
 * A program as of an inference graph: images as bytes or values in 0..1, output `predictions` in float32.
 * @throws DetectorError on a device that runs no ONNX models, and for images of another size than the network's
 */
export async function openNetwork(
  network: OnnxNetwork,
  executor: Executor,
  [height, width]: readonly [height: number, width: number],
): Promise<Program> {
  const { size = [height, width], file } = network;
  if (size[0] !== height || size[1] !== width)
    throw new DetectorError(
      `${file} takes images of ${size.join(' × ')} pixels, not ${height} × ${width}: pass --imgsz ${size.join(' ')}`,
    );
  if (!executor.openOnnx)
    throw new DetectorError(
      `${file} runs on devices of onnxruntime alone, not on ${executor.name}: choose --device cpu`,
    );
  const program = await executor.openOnnx(network.bytes);
  return {
    async run({ images }) {
      return { predictions: await predict(program, network, images) };
    },
    dispose: () => program.dispose(),
  };
}

/** In batches of the number that the network takes; the last one is filled up with black images. */
async function predict(
  program: Program,
  network: OnnxNetwork,
  { data, dtype, shape }: Tensor,
): Promise<Tensor> {
  const unit = dtype === 'uint8' ? 255 : 1;
  const [count = 0, ...imageShape] = shape;
  const { batchSize = count } = network;
  const perImage = numel(imageShape);
  const parts: Float32Array[] = [];
  let rows: readonly number[] = [];
  for (let at = 0; at < count; at += batchSize) {
    const floats = new Float32Array(batchSize * perImage);
    const taken = data.subarray(at * perImage, (at + batchSize) * perImage);
    for (let i = 0; i < taken.length; i++) floats[i] = Number(taken[i]) / unit;
    const fed = asInput(floats, [batchSize, ...imageShape], network.half);
    const output = (await program.run({ [network.input]: fed }))[network.output];
    if (!output) throw new DetectorError(`${network.file} has no output "${network.output}"`);
    parts.push(asFloats(output));
    rows = output.shape.slice(1);
  }
  const perRow = numel(rows);
  const all = new Float32Array(count * perRow);
  for (const [i, part] of parts.entries())
    all.set(
      part.subarray(0, Math.min(part.length, all.length - i * batchSize * perRow)),
      i * batchSize * perRow,
    );
  return { dtype: 'float32', shape: [count, ...rows], data: all };
}

function asInput(floats: Float32Array, shape: readonly number[], half: boolean): Tensor {
  if (!half) return { dtype: 'float32', shape, data: floats };
  const data = new Uint16Array(floats.length);
  toFloat16(floats, data);
  return { dtype: 'float16', shape, data };
}

function asFloats({ dtype, data }: Tensor): Float32Array {
  if (dtype === 'float32' && data instanceof Float32Array) return data;
  const floats = new Float32Array(data.length);
  if (data instanceof Uint16Array) toFloat32(data, floats);
  return floats;
}
