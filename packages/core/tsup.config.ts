import { library } from '../../library.config.js';

export default library({
  index: 'src/index.ts',
  devices: 'src/devices/index.ts',
  tensorflow: 'src/executors/tensorflow/index.ts',
  onnx: 'src/onnx.ts',
  tfjs: 'src/executors/tfjs/index.ts',
});
