/** Opens devices of TensorFlow.js. */
import { createTensorflowExecutor } from '../executors/tensorflow/executor.js';
import { temporaryFolder } from '../executors/tensorflow/files.js';
import type { TfNodeRuntime } from '../executors/tensorflow/runtime.js';
import { createTfjsExecutor } from '../executors/tfjs/executor.js';
import type { TfRuntime } from '../executors/tfjs/runtime.js';
import { importInNode } from '../load.js';
import type { Opened, OpenOptions } from './device.js';
import { webgpuAdapter } from './webgpu.js';

/** Beyond running kernels. */
interface Tfjs extends TfRuntime {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
}

/** Exports of tfjs-node and tfjs-node-gpu, which bring everything. */
type TfjsNode = TfRuntime &
  TfNodeRuntime & {
    readonly version: Readonly<Record<string, string>>;
    ready(): Promise<void>;
    /** tfjs-node-gpu computes on the CPU without a word where it finds no GPU. */
    backend(): { readonly isUsingGpuDevice?: boolean };
  };

type TfjsNodePackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/** tfjs-node (CPU) or tfjs-node-gpu (CUDA), op by op. */
export async function openTfjsNode(packageName: TfjsNodePackage, options: OpenOptions): Promise<Opened> {
  const { tf, ...opened } = await loadTfjsNode(packageName, options);
  return { ...opened, executor: createTfjsExecutor(tf, { name: packageName.slice('@tensorflow/'.length) }) };
}

/** libtensorflow of tfjs-node (CPU) or tfjs-node-gpu (CUDA), a graph at a time. */
export async function openTensorflow(packageName: TfjsNodePackage, options: OpenOptions): Promise<Opened> {
  const { tf, ...opened } = await loadTfjsNode(packageName, options);
  const gpu = packageName.endsWith('-gpu');
  const executor = createTensorflowExecutor(tf, {
    name: gpu ? 'tf-cuda' : 'tf-cpu',
    // NHWC on GPUs too: faster there, by up to half; see docs/results/gpu.md.
    model: { fuseBatchNorm: gpu, sumsByRow: !gpu },
    keep: temporaryFolder,
  });
  return { ...opened, executor };
}

async function loadTfjsNode(packageName: TfjsNodePackage, { index = 0, threads, supplies }: OpenOptions) {
  const gpu = packageName.endsWith('-gpu');
  // libtensorflow reads these once, when it is loaded.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Else it takes all the memory of the card.
  if (gpu) process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  if (gpu) await supplies?.loadCuda(packageName);
  const load = () => importReady(packageName, supplies?.modulePath(packageName));
  const tf = await (gpu ? seeingGpu(index, load) : load());
  if (gpu && !tf.backend().isUsingGpuDevice)
    throw new Error(
      'libtensorflow found no GPU (driver, or CUDA and cuDNN libraries of its version missing)',
    );
  return {
    tf,
    version: tf.version.tfjs ?? tf.version['tfjs-core'] ?? '',
    ...(threads === undefined ? {} : { threads }),
  };
}

async function importReady(packageName: TfjsNodePackage, path: string | undefined): Promise<TfjsNode> {
  const tf = await importInNode<TfjsNode>(packageName, path);
  await tf.ready();
  return tf;
}

/**
 * Does something while the process sees one of its GPUs alone: libtensorflow takes the first that it sees when it starts.
 * @throws Error where the process doesn't see so many
 */
export async function seeingGpu<T>(index: number, work: () => Promise<T>): Promise<T> {
  const { CUDA_VISIBLE_DEVICES: all } = process.env;
  const gpu = all === undefined ? String(index) : all.split(',')[index]?.trim();
  if (!gpu) throw new Error(`there is no GPU ${index}: CUDA_VISIBLE_DEVICES is "${all}"`);
  process.env.CUDA_VISIBLE_DEVICES = gpu;
  // As the driver's tool counts them.
  process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID';
  try {
    return await work();
  } finally {
    // Others count from what the process sees in all.
    if (all === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = all;
  }
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
