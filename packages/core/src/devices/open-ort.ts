/** Opens devices of onnxruntime. */
import type { InferenceSession } from 'onnxruntime-common';
import { createOnnxExecutor } from '../executors/onnx/executor.js';
import { importFirst, importInNode } from '../load.js';
import type { Opened, OpenOptions, Platform } from './device.js';
import { profileFiles } from './profile-files.js';
import { webgpuAdapter } from './webgpu.js';

/**
 * onnxruntime's threads wait by spinning unless told not to. Training keeps several sessions and the loader's workers
 * busy on the same cores, where spinning threads steal CPU time from working ones: a step took half as long without it.
 */
const NO_SPINNING = { session: { intra_op: { allow_spinning: '0' } } };

/**
 * Packages with onnxruntime's Node binding, preferred first: a project that installs onnxruntime-node itself wants its
 * CUDA provider; the other is the one that comes with the command line.
 */
const ORT_NODE_PACKAGES = ['onnxruntime-node', '@froyolo/onnxruntime'];

/** onnxruntime-node with one of its execution providers. */
export async function openOrtNode(
  provider: 'cpu' | 'cuda' | 'webgpu',
  { index = 0, threads, supplies }: OpenOptions,
): Promise<Opened> {
  if (provider === 'cuda') {
    await supplies?.loadCuda('onnxruntime-node');
    // GPUs are counted as the driver's tool counts them.
    process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID';
  }
  const ort = await importFirst<typeof import('onnxruntime-node')>(ORT_NODE_PACKAGES, (name) =>
    supplies?.modulePath(name),
  );
  // Errors are thrown as well; the log would report a missing provider at every start.
  ort.env.logLevel = 'fatal';
  const session: InferenceSession.SessionOptions = {
    executionProviders: [provider === 'cuda' ? { name: provider, deviceId: index } : provider],
    extra: NO_SPINNING,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
  return {
    executor: createOnnxExecutor(ort, {
      name: `ort-${provider}`,
      session,
      profiles: profileFiles,
      halfPrecision: provider === 'cuda',
      // Its state crosses the bus once in place of twice.
      prefersOneProgram: provider === 'cuda',
    }),
    version: ort.env.versions.node ?? ort.env.versions.common,
    ...(provider === 'cpu' && threads !== undefined ? { threads } : {}),
  };
}

/** onnxruntime-web, in a browser or (WASM only) in Node. */
export async function openOrtWeb(
  provider: 'wasm' | 'webgpu',
  { platform, threads: asked }: OpenOptions,
): Promise<Opened> {
  const ort =
    provider === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web');
  const gpu = provider === 'webgpu' ? await webgpuAdapter() : {};
  const threads = asked ?? (await wasmThreads(platform));
  // Counts only before the first session.
  ort.env.wasm.numThreads = threads;
  const executor = createOnnxExecutor(ort, {
    name: `ort-${provider}`,
    session: { executionProviders: [provider] },
    stateOnGpu: provider === 'webgpu',
  });
  return {
    executor,
    version: ort.env.versions.web ?? ort.env.versions.common,
    ...(provider === 'wasm' ? { threads } : {}),
    ...gpu,
  };
}

/**
 * One per core; in a browser only where the page is isolated from others (headers COOP and COEP) and may share memory,
 * which not every build of WebKit lets it, else WASM has one.
 */
async function wasmThreads(platform: Platform): Promise<number> {
  if (platform === 'node')
    return (await importInNode<typeof import('node:os')>('node:os')).availableParallelism();
  const canShare = globalThis.crossOriginIsolated && 'SharedArrayBuffer' in globalThis;
  return canShare ? navigator.hardwareConcurrency : 1;
}
