/** Tensors on their way between host memory and the device. */
import { toFloat16, toFloat32 } from '../../graph/float16.js';
import type { Tensor } from '../../graph/node.js';
import { DeviceBuffer, type DeviceValue } from './kernel-runner.js';
import { identity, NHWC, stored } from './layout.js';
import type { TfRuntime, TfTensor } from './runtime.js';

export function upload(tf: TfRuntime, value: Tensor): DeviceValue {
  if (value.dtype === 'uint8') return uploadBytes(tf, value);
  if (value.dtype === 'float16') return upload(tf, widened(value));
  const { data, shape, dtype } = value;
  const tensor = tf.tensor(data as Float32Array | Int32Array, [...shape], dtype);
  return { buffer: new DeviceBuffer(tensor), layout: identity(shape.length), shape };
}

/** tfjs has no halves: they become `float32` on the host. */
function widened({ data, shape }: Tensor): Tensor {
  const values = new Float32Array(data.length);
  toFloat32(data as Uint16Array, values);
  return { dtype: 'float32', shape, data: values };
}

/** tfjs has no bytes: they become `int32`. Images get their channels last on the way, where it costs least. */
function uploadBytes(tf: TfRuntime, { data, shape }: Tensor): DeviceValue {
  const layout = shape.length === 4 ? NHWC : identity(shape.length);
  const values = shape.length === 4 ? channelsToEnd(data, shape) : Int32Array.from(data);
  return { buffer: new DeviceBuffer(tf.tensor(values, stored(shape, layout), 'int32')), layout, shape };
}

function channelsToEnd(
  data: Tensor['data'],
  [images, channels, height, width]: readonly number[],
): Int32Array {
  const result = new Int32Array(data.length);
  const pixels = height * width;
  for (let plane = 0; plane < images * channels; plane++) {
    let to = Math.floor(plane / channels) * pixels * channels + (plane % channels);
    for (let from = plane * pixels; from < (plane + 1) * pixels; from++) {
      result[to] = data[from];
      to += channels;
    }
  }
  return result;
}

export async function downloadAs(dtype: Tensor['dtype'], tensor: TfTensor): Promise<Tensor> {
  const value = await download(tensor);
  return dtype === 'float16' ? narrowed(value) : value;
}

function narrowed({ data, shape }: Tensor): Tensor {
  const halves = new Uint16Array(data.length);
  toFloat16(data as Float32Array, halves);
  return { dtype: 'float16', shape, data: halves };
}

/** A copy, since a backend in host memory gives its own array. */
export async function download(tensor: TfTensor): Promise<Tensor> {
  const data = (await tensor.data()).slice() as Tensor['data'];
  return { dtype: tensor.dtype as Tensor['dtype'], shape: [...tensor.shape], data };
}
