import { library } from '../../library.config.js';

export default library(
  { index: 'src/index.ts', node: 'src/node/index.ts', main: 'src/node/main.ts' },
  { format: ['esm'], dts: { entry: { index: 'src/index.ts', node: 'src/node/index.ts' } }, shims: false },
);
