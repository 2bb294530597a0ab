import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    devices: 'src/devices/index.ts',
    tensorflow: 'src/executors/tensorflow/index.ts',
    onnx: 'src/onnx.ts',
    tfjs: 'src/executors/tfjs/index.ts',
  },
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  sourcemap: true,
  shims: true,
  tsconfig: '../../tsconfig.base.json',
});
