/** Opens devices of the table in the browser. */
import { devicesOf, type OpenedDevice } from '@froyolo/core/devices';
import { openBrowserDevice } from '@froyolo/run/browser';
import tfjsPlain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import tfjsSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import tfjsThreaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import gpuLoader from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuFile from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmLoader from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmFile from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { DeviceInfo } from './api.js';

/** Devices to choose from: what the table has for browsers and `auto` would take. */
export function deviceNames(): string[] {
  const rows = devicesOf('browser').filter(({ auto }) => auto.includes('browser'));
  return rows.map(({ name }) => name);
}

export interface OpenDevice extends DeviceInfo {
  readonly opened: OpenedDevice;
}

/**
 * Opens a device.
 * @param request as after `--device`
 * @throws DeviceError where none that answers to it works
 */
export async function open(request: string): Promise<OpenDevice> {
  await placeWasm(request);
  const opened = await openBrowserDevice(request);
  const { device, adapter, threads, software, version, passed } = opened;
  return {
    name: device.name,
    version,
    ...(adapter === undefined ? {} : { adapter }),
    ...(threads === undefined ? {} : { threads }),
    software: software ?? false,
    halfPrecision: opened.executor.halfPrecision ?? false,
    isolated: crossOriginIsolated,
    passed: passed.map(({ device: { name }, reason }) => ({ name, reason })),
    opened,
  };
}

/** What distinguishes a device from others of its name, such as `1.24.1, 2 threads`. */
export function factsOf({ version, adapter, threads }: DeviceInfo): string {
  const parts = [version, adapter, threads === undefined ? undefined : `${threads} threads`];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** Resolves WebAssembly files relative to the worker's own file. */
const at = (url: string) => new URL(url, location.href).href;

/** Says where the bundler put onnxruntime's WebAssembly files, each build's its own. */
async function placeWasm(request: string): Promise<void> {
  if (request === 'tfjs-wasm') return placeTfjs();
  const cpu = await import('onnxruntime-web/wasm');
  cpu.env.wasm.wasmPaths = { wasm: at(wasmFile), mjs: at(wasmLoader) };
  if (!('gpu' in navigator)) return;
  const gpu = await import('onnxruntime-web/webgpu');
  gpu.env.wasm.wasmPaths = { wasm: at(gpuFile), mjs: at(gpuLoader) };
}

/** The same for TensorFlow.js. */
async function placeTfjs(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths({
    'tfjs-backend-wasm.wasm': at(tfjsPlain),
    'tfjs-backend-wasm-simd.wasm': at(tfjsSimd),
    'tfjs-backend-wasm-threaded-simd.wasm': at(tfjsThreaded),
  });
}
