/**
 * What the CUDA back-ends are made of, in one table: npm packages, and wheels of PyPI that hold their libraries. The versions
 * are those that were run together on a GPU; another version of a package is another row.
 */

export interface Wheel {
  /** Project on PyPI. */
  readonly project: string;
  readonly version: string;
  /** Files taken out of it, by name: exactly those that its back-end opens. */
  readonly files: readonly string[];
}

/** Libraries of CUDA, cuDNN among them. */
export interface CudaWheel extends Wheel {
  /**
   * The libraries that are opened by name, each after those that it needs; the other files are found beside them.
   */
  readonly opened: readonly string[];
}

export type BackendName = 'onnxruntime' | 'tensorflow';

export interface CudaBackend {
  readonly name: BackendName;
  /** Rows of the device table that run on it. */
  readonly devices: readonly string[];
  /** npm package that it comes in. */
  readonly npm: { readonly name: string; readonly version: string };
  /** Major versions of CUDA and cuDNN. */
  readonly cuda: number;
  readonly cudnn: number;
  /** First branch of the NVIDIA driver that runs this CUDA. */
  readonly driver: number;
  /** The back-end's own libraries. */
  readonly own: Wheel;
  readonly libraries: readonly CudaWheel[];
}

const cudaWheel = (
  project: string,
  version: string,
  opened: readonly string[],
  beside: readonly string[] = [],
): CudaWheel => ({ project, version, opened, files: [...opened, ...beside] });

/** Parts of cuDNN 9 that its first library opens as it needs them. */
const CUDNN_PARTS = [
  'libcudnn_adv.so.9',
  'libcudnn_cnn.so.9',
  'libcudnn_engines_precompiled.so.9',
  'libcudnn_engines_runtime_compiled.so.9',
  'libcudnn_graph.so.9',
  'libcudnn_heuristic.so.9',
  'libcudnn_ops.so.9',
];

export const CUDA_BACKENDS: readonly CudaBackend[] = [
  {
    name: 'onnxruntime',
    devices: ['ort-cuda'],
    npm: { name: 'onnxruntime-node', version: '1.30.0' },
    cuda: 13,
    cudnn: 9,
    driver: 580,
    own: {
      project: 'onnxruntime-gpu',
      version: '1.30.0',
      files: ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'],
    },
    libraries: [
      cudaWheel('nvidia-cuda-runtime', '13.0.96', ['libcudart.so.13']),
      cudaWheel('nvidia-cublas', '13.1.0.3', ['libcublasLt.so.13', 'libcublas.so.13']),
      cudaWheel('nvidia-curand', '10.4.0.35', ['libcurand.so.10']),
      cudaWheel('nvidia-cuda-nvrtc', '13.0.88', ['libnvrtc.so.13'], ['libnvrtc-builtins.so.13.0']),
      cudaWheel('nvidia-cudnn-cu13', '9.19.0.56', ['libcudnn.so.9'], CUDNN_PARTS),
    ],
  },
  {
    name: 'tensorflow',
    devices: ['tf-cuda', 'tfjs-node-gpu'],
    npm: { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0' },
    cuda: 12,
    cudnn: 9,
    driver: 525,
    own: {
      project: 'tensorflow',
      version: '2.19.1',
      files: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    },
    libraries: [
      cudaWheel('nvidia-cuda-runtime-cu12', '12.5.82', ['libcudart.so.12']),
      cudaWheel('nvidia-cublas-cu12', '12.5.3.2', ['libcublasLt.so.12', 'libcublas.so.12']),
      cudaWheel('nvidia-cufft-cu12', '11.2.3.61', ['libcufft.so.11']),
      cudaWheel('nvidia-nvjitlink-cu12', '12.5.82', ['libnvJitLink.so.12']),
      cudaWheel('nvidia-cusparse-cu12', '12.5.1.3', ['libcusparse.so.12']),
      cudaWheel('nvidia-cusolver-cu12', '11.6.3.83', ['libcusolver.so.11']),
      cudaWheel('nvidia-cuda-nvrtc-cu12', '12.5.82', ['libnvrtc.so.12'], ['libnvrtc-builtins.so.12.5']),
      cudaWheel('nvidia-cudnn-cu12', '9.3.0.75', ['libcudnn.so.9'], CUDNN_PARTS),
    ],
  },
];
