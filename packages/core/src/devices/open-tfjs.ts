/** Opens devices of TensorFlow.js. */
import { createTfjsExecutor } from '../executors/tfjs/executor.js';
import type { TfRuntime } from '../executors/tfjs/runtime.js';
import { importInNode } from './load.js';
import { type Opened, type OpenOptions, webgpuAdapter } from './open-ort.js';

/** Beyond running kernels. */
interface Tfjs extends TfRuntime {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
}

/** Of tfjs-node and tfjs-node-gpu, which bring everything. */
interface TfjsNode extends TfRuntime {
  readonly version: Readonly<Record<string, string>>;
  ready(): Promise<void>;
  /** tfjs-node-gpu computes on the CPU without a word where it finds no GPU. */
  backend(): { readonly isUsingGpuDevice?: boolean };
}

/** tfjs-node (CPU) or tfjs-node-gpu (CUDA): libtensorflow. */
export async function openTfjsNode(
  packageName: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu',
  { index = 0, threads }: OpenOptions,
): Promise<Opened> {
  const gpu = packageName.endsWith('-gpu');
  // libtensorflow reads these once, when it is loaded.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (gpu) process.env.CUDA_VISIBLE_DEVICES ??= String(index);
  if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  const tf = await importInNode<TfjsNode>(packageName);
  await tf.ready();
  if (gpu && !tf.backend().isUsingGpuDevice)
    throw new Error(
      'libtensorflow found no GPU (driver, or CUDA and cuDNN libraries of its version missing)',
    );
  return {
    executor: createTfjsExecutor(tf, { name: packageName.slice('@tensorflow/'.length) }),
    version: tf.version.tfjs ?? tf.version['tfjs-core'] ?? '',
    ...(threads === undefined ? {} : { threads }),
  };
}

/** tfjs-core with one of its backends, in a browser or in Node. */
export async function openTfjsBackend(backend: 'webgpu' | 'wasm' | 'cpu'): Promise<Opened> {
  const tf: Tfjs = await import('@tensorflow/tfjs-core');
  await BACKENDS[backend]();
  const gpu = backend === 'webgpu' ? await webgpuAdapter() : {};
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its ${backend} backend`);
  return { executor: createTfjsExecutor(tf), version: tf.version_core, ...gpu };
}

/** Each registers itself with tfjs-core; written out so that bundlers see the names. */
const BACKENDS = {
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};
