/** From the name of a device to what runs graphs. */
import type { Executor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import wasmLoader from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmFile from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import type { DeviceInfo } from './api.js';

export interface Device extends DeviceInfo {
  readonly executor: Executor;
}

/** onnxruntime's WebAssembly build on as many threads as the machine has, or on one where memory can't be shared. */
export async function createDevice(): Promise<Device> {
  const threads = crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  const at = (url: string) => new URL(url, location.href).href;
  ort.env.wasm.wasmPaths = { wasm: at(wasmFile), mjs: at(wasmLoader) };
  ort.env.wasm.numThreads = threads;
  const executor = createOnnxExecutor(ort, { name: 'ort-wasm', session: { executionProviders: ['wasm'] } });
  const reason = crossOriginIsolated
    ? ''
    : ' (the server sends no COOP and COEP headers, which threads need)';
  return {
    name: 'ort-wasm',
    description: `CPU, WebAssembly, ${threads} thread${threads > 1 ? 's' : ''}${reason}`,
    executor,
  };
}
