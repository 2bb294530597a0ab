import { defineConfig } from 'tsup';

const common = { sourcemap: true, tsconfig: '../../tsconfig.base.json' };

// The program starts from chunks that it loads as it needs them; the library is for both module systems.
export default defineConfig([
  { ...common, entry: { main: 'src/main.ts', thread: 'src/thread/thread.ts' }, format: ['esm'] },
  { ...common, entry: { index: 'src/index.ts' }, format: ['esm', 'cjs'], dts: true, shims: true },
]);
