/** Compiles the addon of tfjs-node-gpu, which npm holds as source alone, against libtensorflow. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './run-tool.js';

const NAPI = 8;
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Folders of TensorFlow's wheel that the addon includes. */
export const ADDON_HEADERS = ['include/tensorflow', 'include/tsl', 'include/xla/tsl'];

/** The compiler of C++, as builds of addons call it. */
export const compiler = (env: Readonly<Record<string, string | undefined>> = process.env) => env.CXX || 'g++';

export interface AddonBuild {
  /** Folder with libtensorflow and its headers. */
  readonly libraries: string;
  /** Folder with those of Node's C API. */
  readonly headers: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param folder of the npm package
 * @throws CommandError with what the compiler said
 */
export async function buildAddon(folder: string, { libraries, headers, signal }: AddonBuild): Promise<void> {
  const output = join(folder, 'lib', `napi-v${NAPI}`);
  await mkdir(output, { recursive: true });
  const include = [headers, join(libraries, 'include'), folder].map((path) => `-I${path}`);
  const flags = ['-std=c++17', '-shared', '-fPIC', '-O2', `-DNAPI_VERSION=${NAPI}`];
  const sources = SOURCES.map((name) => join(folder, 'binding', name));
  const linked = ['-Wl,-rpath,$ORIGIN/../../deps/lib', ...LIBRARIES.map((name) => join(libraries, name))];
  await runTool(
    compiler(),
    [...flags, ...include, ...sources, ...linked, '-o', join(output, 'tfjs_binding.node')],
    { cwd: folder, advice: 'install a C++ compiler (apt install g++), or name one in CXX', signal },
  );
}
