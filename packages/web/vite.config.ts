import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultClientConditions, defineConfig } from 'vite';
import { contentPolicy, serviceWorker } from './build/plugins.js';

// As for the tests: packages are taken from their sources, so the page needs no build before it is worked on.
const ROOT = resolve(import.meta.dirname, '../..');
const tsconfig = JSON.parse(readFileSync(resolve(ROOT, 'tsconfig.base.json'), 'utf8')) as {
  compilerOptions: { paths: Record<string, [string]> };
};
const alias = Object.entries(tsconfig.compilerOptions.paths).map(([name, [file]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: resolve(ROOT, file),
}));

/** Pages that are isolated so may share memory between threads, which WASM threads need. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Paths relative to the page: the built folder works under any address.
  base: './',
  plugins: [contentPolicy(), serviceWorker()],
  resolve: {
    // The build of onnxruntime without GPU code, half the size; that for WebGPU has another name.
    alias: [...alias, { find: /^onnxruntime-web$/, replacement: 'onnxruntime-web/wasm' }],
    // onnxruntime's threads must load a file of their own, not the bundle that they would start again.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  server: { headers: ISOLATED },
  preview: { headers: ISOLATED },
  // What workers import is found before the first visit, which would otherwise reload the page.
  optimizeDeps: {
    entries: [
      'index.html',
      'src/{worker,importing,player}/main.ts',
      'src/worker/loader-worker.ts',
      'src/start/*.ts',
    ],
  },
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
