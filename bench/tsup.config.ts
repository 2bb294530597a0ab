import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    main: 'src/main.ts',
    work: 'src/work.ts',
    learning: 'learning/main.ts',
    simulate: 'queue/simulate.ts',
    overhead: 'queue/overhead.ts',
    'simulate-workers': 'queue/simulate-workers.ts',
  },
  // Helpers of tests, which no package publishes.
  noExternal: ['@froyolo/queue/testing'],
  format: ['esm'],
  clean: true,
  tsconfig: '../tsconfig.base.json',
});
