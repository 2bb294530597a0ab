/** From the device table to what runs graphs here, and words for it. */
import { type OpenedDevice, openDevice } from '@froyolo/core/devices';
import wasmLoader from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmFile from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { env } from 'onnxruntime-web/wasm';
import type { DeviceInfo } from './api.js';

/** Rows of the device table that have a name of their own here; the rest go by theirs. */
const TITLES: Readonly<Record<string, string>> = {
  'tfjs-webgpu': 'GPU (WebGPU, TensorFlow.js)',
  'ort-webgpu': 'GPU (WebGPU, onnxruntime)',
  'ort-wasm': 'CPU (WebAssembly, onnxruntime)',
  'tfjs-wasm': 'CPU (WebAssembly, TensorFlow.js)',
};

const NOT_ISOLATED =
  'One thread: this page is served without the headers Cross-Origin-Opener-Policy: same-origin and ' +
  'Cross-Origin-Embedder-Policy: require-corp, which WebAssembly needs for more. Training works, more slowly.';

export interface OpenDevice extends DeviceInfo {
  readonly opened: OpenedDevice;
}

/**
 * Opens a device.
 * @param request as after `--device`
 * @throws DeviceError where none that answers to it works
 */
export async function open(request: string): Promise<OpenDevice> {
  const at = (url: string) => new URL(url, location.href).href;
  env.wasm.wasmPaths = { wasm: at(wasmFile), mjs: at(wasmLoader) };
  const opened = await openDevice(request);
  const { device, adapter, threads, software, version, passed } = opened;
  const parts = [
    TITLES[device.name] ?? device.name,
    adapter,
    threads === undefined ? undefined : `${threads} thread${threads === 1 ? '' : 's'}`,
    software ? 'imitated on the CPU' : undefined,
  ];
  const notes = passed.map(({ device: { name }, reason }) => `${TITLES[name] ?? name}: ${reason}`);
  if (device.name === 'ort-wasm' && !crossOriginIsolated) notes.unshift(NOT_ISOLATED);
  return {
    name: device.name,
    version,
    description: parts.filter((part) => part !== undefined).join(' · '),
    isolated: crossOriginIsolated,
    notes,
    opened,
  };
}
