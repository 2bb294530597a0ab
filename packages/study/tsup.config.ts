import { library } from '../../library.config.js';

export default library({
  index: 'src/index.ts',
  figures: 'src/figures.ts',
  'arm-process': 'src/arm-process.ts',
});
