#!/usr/bin/env node
import { existsSync } from 'node:fs';

const NOT_BUILT =
  'froyolo is not built: run `npm run demo`, `npm test` or `pnpm build` in the checkout first';
const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  try {
    await import(main.href);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error(`${error.message}\n${NOT_BUILT}`);
    process.exitCode = 1;
  }
} else {
  console.error(NOT_BUILT);
  process.exitCode = 1;
}
