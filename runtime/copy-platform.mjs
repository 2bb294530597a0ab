// Fills the package in the current folder with onnxruntime-node's files for one platform, before it is packed.
//
//   node ../copy-platform.mjs OS CPU
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [os, cpu] = process.argv.slice(2);
const source = dirname(
  createRequire(join(process.cwd(), 'package.json')).resolve('onnxruntime-node/package.json'),
);
// macOS has the library twice, and the binding links to the shorter name.
const SPARE = /\.map$|libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;

for (const folder of ['dist', join('bin', 'napi-v6', os, cpu)]) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(source, folder), folder, {
    recursive: true,
    dereference: true,
    filter: (file) => !SPARE.test(file),
  });
}
