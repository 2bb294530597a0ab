import { defineConfig } from 'tsup';
import { library } from '../../library.config.js';
import { evaluate } from './build/evaluate.js';

// The program starts from chunks that it loads as it needs them; the library is for both module systems.
export default defineConfig([
  library(
    { main: 'src/main.ts', thread: 'src/thread/thread.ts' },
    {
      format: ['esm'],
      dts: false,
      clean: false,
      shims: false,
      esbuildPlugins: [evaluate(/cli[\\/]src[\\/]args[\\/]flag-texts\.ts$/)],
    },
  ),
  library({ index: 'src/index.ts' }, { clean: false }),
]);
