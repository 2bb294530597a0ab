import { library } from '../../library.config.js';

export default library({
  index: 'src/index.ts',
  browser: 'src/browser/index.ts',
  node: 'src/node/index.ts',
  worker: 'src/node/worker.ts',
});
