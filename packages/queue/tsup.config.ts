import { library } from '../../library.config.js';

export default library({ index: 'src/index.ts' });
