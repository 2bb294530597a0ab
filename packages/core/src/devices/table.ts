/**
 * Every device there is, in one table. Its order is the order of preference: a request such as `auto`, `cuda` or `cpu`
 * gets the first row that answers to it, is made for the platform and works.
 */
import type { Device } from './device.js';
import { openOrtNode, openOrtWeb } from './open-ort.js';
import { openTensorflow, openTfjsBackend, openTfjsNode } from './open-tfjs.js';
import { openWebGpu } from './webgpu.js';

const TFJS = '@tensorflow/tfjs';
const npm = (...packages: string[]) => `npm install ${packages.join(' ')}`;
const CUDA = 'froyolo devices --install';
const ORT_CUDA = `${CUDA} ort-cuda, which fetches onnxruntime-node with its CUDA provider, CUDA 13 and cuDNN 9; the NVIDIA driver must be there`;
const TFJS_NODE = `npm install ${TFJS}-node (behind a registry mirror: node scripts/install-tfjs-node.mjs of the project)`;
const TFJS_NODE_GPU = `${CUDA} tf-cuda, which fetches ${TFJS}-node-gpu with its libtensorflow, CUDA 12 and cuDNN 9; the NVIDIA driver must be there`;

const tfjsBackend = (backend: 'webgpu' | 'wasm' | 'cpu') => ({
  name: `tfjs-${backend}`,
  packages: [`${TFJS}-core`, `${TFJS}-backend-${backend}`],
  install: npm(`${TFJS}-core`, `${TFJS}-backend-${backend}`),
  open: () => openTfjsBackend(backend),
});

const ROWS: readonly Device[] = [
  {
    name: 'tf-cuda',
    answersTo: ['cuda'],
    platforms: ['node'],
    auto: ['node'],
    packages: [`${TFJS}-node-gpu`],
    install: TFJS_NODE_GPU,
    numbered: true,
    open: (options) => openTensorflow(`${TFJS}-node-gpu`, options),
  },
  {
    name: 'tfjs-node-gpu',
    answersTo: ['cuda'],
    platforms: ['node'],
    auto: ['node'],
    packages: [`${TFJS}-node-gpu`],
    install: TFJS_NODE_GPU,
    numbered: true,
    open: (options) => openTfjsNode(`${TFJS}-node-gpu`, options),
  },
  {
    name: 'ort-cuda',
    answersTo: ['cuda'],
    platforms: ['node'],
    auto: ['node'],
    packages: ['onnxruntime-node'],
    install: ORT_CUDA,
    numbered: true,
    slowStart:
      'The first step builds kernels for every convolution: some 7 s, up to a minute for large networks',
    open: (options) => openOrtNode('cuda', options),
  },
  {
    ...tfjsBackend('webgpu'),
    answersTo: ['webgpu'],
    platforms: ['browser'],
    auto: ['browser'],
  },
  {
    // Not measured on a real GPU: behind the one that is. A whole step of the one behind it was never right.
    name: 'wgsl',
    answersTo: ['webgpu'],
    platforms: ['node', 'browser'],
    auto: ['browser'],
    packages: ['webgpu'],
    install: `${npm('webgpu')} (in a browser: one with WebGPU)`,
    open: openWebGpu,
  },
  {
    name: 'ort-webgpu',
    answersTo: ['webgpu'],
    platforms: ['node', 'browser'],
    auto: ['browser'],
    packages: ['onnxruntime-node', 'onnxruntime-web'],
    install: `${npm('onnxruntime-node')} (in a browser: onnxruntime-web)`,
    open: (options) =>
      options.platform === 'node' ? openOrtNode('webgpu', options) : openOrtWeb('webgpu', options),
  },
  {
    name: 'ort-cpu',
    answersTo: ['cpu'],
    platforms: ['node'],
    auto: ['node'],
    packages: ['onnxruntime-node'],
    install: npm('onnxruntime-node'),
    open: (options) => openOrtNode('cpu', options),
  },
  {
    name: 'tf-cpu',
    answersTo: ['cpu'],
    platforms: ['node'],
    auto: ['node'],
    packages: [`${TFJS}-node`],
    install: TFJS_NODE,
    open: (options) => openTensorflow(`${TFJS}-node`, options),
  },
  {
    name: 'tfjs-node',
    answersTo: ['cpu'],
    platforms: ['node'],
    auto: ['node'],
    packages: [`${TFJS}-node`],
    install: TFJS_NODE,
    open: (options) => openTfjsNode(`${TFJS}-node`, options),
  },
  {
    name: 'ort-wasm',
    answersTo: ['wasm', 'cpu'],
    platforms: ['node', 'browser'],
    auto: ['node', 'browser'],
    packages: ['onnxruntime-web'],
    install: npm('onnxruntime-web'),
    open: (options) => openOrtWeb('wasm', options),
  },
  {
    ...tfjsBackend('wasm'),
    answersTo: ['wasm', 'cpu'],
    platforms: ['node', 'browser'],
    auto: ['node', 'browser'],
  },
  {
    ...tfjsBackend('cpu'),
    answersTo: ['cpu'],
    platforms: ['node', 'browser'],
    // Plain JavaScript: too slow to be chosen automatically.
    auto: [],
  },
];

export const DEVICES: readonly Device[] = Object.freeze(ROWS.map((row) => Object.freeze(row)));
