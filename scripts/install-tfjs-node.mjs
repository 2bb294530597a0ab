// Gives @tensorflow/tfjs-node its native part without its install script, which downloads from a fixed host:
// libtensorflow comes out of the wheel of TensorFlow that pip finds (and whose sum it checks), and the addon is compiled
// from the sources in the npm package. Downloads and the compiled addon are kept in the user's cache folder. For GPUs there
// is `froyolo devices --install tf-cuda`.
//
//   node scripts/install-tfjs-node.mjs [FOLDER]     FOLDER: where the package is a dependency; default .
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The last TensorFlow whose C API the addon of tfjs-node 4 was seen to work with. */
const BUILD = {
  addon: '@tensorflow/tfjs-node',
  wheel: 'tensorflow-cpu',
  version: '2.15.1',
  megabytes: 210,
  cache: 'libtensorflow-2.15.1',
};
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const NAPI = 8;

const cacheFolder = ({ cache }, { XDG_CACHE_HOME } = process.env) =>
  join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'froyolo', cache);

/** Copies what the addon needs out of a wheel: argv is the wheel and the folder. */
const EXTRACT = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(('tensorflow/include/tensorflow/', 'tensorflow/include/tsl/', 'tensorflow/include/xla/tsl/', 'tensorflow/libtensorflow_')):
            wheel.extract(name, sys.argv[2])
`;

class InstallError extends Error {}

function run(command, args, why) {
  try {
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const said = String(error.stderr || error.message)
      .trim()
      .split('\n')
      .slice(-5)
      .join('\n');
    throw new InstallError(`${why} (\`${command}\` failed):\n${said}`);
  }
}

function packageFolder(name, from) {
  try {
    return dirname(createRequire(join(resolve(from), 'package.json')).resolve(`${name}/package.json`));
  } catch {
    throw new InstallError(
      `${name} is not a dependency of ${resolve(from)}: install it first (npm install --ignore-scripts ${name})`,
    );
  }
}

/** Builds a folder under a temporary name beside `target`, then renames it: a killed run leaves nothing half-written. */
function atomically(target, build) {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const temporary = mkdtempSync(`${target}.part-`);
  try {
    build(temporary);
    if (!existsSync(target)) renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function fetchTensorflow(target, { wheel: name, version, megabytes }) {
  atomically(target, (folder) => {
    console.log(`Fetching ${name} ${version} with pip (about ${megabytes} MB) …`);
    const wheel = [
      '--no-deps',
      '--only-binary=:all:',
      '--python-version=3.11',
      '--platform=manylinux2014_x86_64',
    ];
    const args = ['-m', 'pip', 'download', ...wheel, `--dest=${folder}`, `${name}==${version}`];
    run('python3', args, `pip could not download the wheel of ${name}`);
    const file = readdirSync(folder).find((entry) => entry.endsWith('.whl'));
    run('python3', ['-c', EXTRACT, join(folder, file), folder], 'the wheel could not be unpacked');
    rmSync(join(folder, file));
  });
}

/** Headers of Node's C API: beside the running Node where its package brings them, else of `node-api-headers`. */
function nodeHeaders(from) {
  const beside = resolve(process.execPath, '../../include/node');
  return existsSync(join(beside, 'node_api.h'))
    ? beside
    : join(packageFolder('node-api-headers', from), 'include');
}

function compileAddon(target, addon, tensorflow, headers) {
  atomically(target, (folder) => {
    console.log('Compiling the addon …');
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addon, 'binding', name));
    const include = [headers, join(tensorflow, 'include'), addon].map((path) => `-I${path}`);
    const flags = [
      '-std=c++17',
      '-shared',
      '-fPIC',
      '-O2',
      `-DNAPI_VERSION=${NAPI}`,
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ];
    const libraries = LIBRARIES.map((name) => join(tensorflow, name));
    const output = ['-o', join(folder, 'tfjs_binding.node')];
    run(
      'g++',
      [...flags, ...include, ...sources, ...libraries, ...output],
      'the addon could not be compiled',
    );
  });
}

function install(addon, compiled, tensorflow) {
  const [libraries, binding] = [join(addon, 'deps/lib'), join(addon, `lib/napi-v${NAPI}`)];
  for (const folder of [libraries, binding]) mkdirSync(folder, { recursive: true });
  for (const name of LIBRARIES) {
    rmSync(join(libraries, name), { force: true });
    symlinkSync(join(tensorflow, name), join(libraries, name));
  }
  copyFileSync(join(compiled, 'tfjs_binding.node'), join(binding, 'tfjs_binding.node'));
}

function main(args) {
  const [from = '.'] = args;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new InstallError(
      `this recipe is for Linux on x64, not ${process.platform} on ${process.arch}: let npm run the install script of ${BUILD.addon}`,
    );
  const addon = packageFolder(BUILD.addon, from);
  const { version } = JSON.parse(readFileSync(join(addon, 'package.json'), 'utf8'));
  const cache = cacheFolder(BUILD);
  const unpacked = join(cache, 'wheel');
  const tensorflow = join(unpacked, 'tensorflow');
  const compiled = join(cache, `addon-${version}`);
  fetchTensorflow(unpacked, BUILD);
  compileAddon(compiled, addon, tensorflow, nodeHeaders(from));
  install(addon, compiled, tensorflow);
  const load = `const tf = require(${JSON.stringify(addon)}); process.stdout.write(tf.version['tfjs-core'] + ' ' + tf.getBackend())`;
  run(process.execPath, ['-e', load], 'the addon does not load');
  console.log(`${BUILD.addon} ${version} has libtensorflow ${BUILD.version}.`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(`install-tfjs-node: ${error.message}`);
  process.exitCode = 1;
}
