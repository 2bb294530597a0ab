import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/main.ts', work: 'src/work.ts', learning: 'learning/main.ts' },
  format: ['esm'],
  clean: true,
  tsconfig: '../tsconfig.base.json',
});
