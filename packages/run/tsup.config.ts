import { library } from '../../library.config.js';

export default library({
  index: 'src/index.ts',
  node: 'src/node/index.ts',
  browser: 'src/browser/index.ts',
  settings: 'src/settings/index.ts',
  'probe-process': 'src/node/probe/probe-process.ts',
});
