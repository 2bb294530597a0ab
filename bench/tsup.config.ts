import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/main.ts', work: 'src/work.ts' },
  format: ['esm'],
  clean: true,
  tsconfig: '../tsconfig.base.json',
});
