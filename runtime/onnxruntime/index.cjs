// Loads onnxruntime's Node binding for this platform. The binaries stand in one package a platform, so that an
// installation holds one of them; in this repository they are those of onnxruntime-node.
'use strict';

const platform = `${process.platform}-${process.arch}`;
const { optionalDependencies } = require('./package.json');

function load() {
  const name = `@froyolo/onnxruntime-${platform}`;
  if (!(name in optionalDependencies))
    throw new Error(
      `onnxruntime has no binary for ${platform}; there is one for ` +
        `${Object.keys(optionalDependencies)
          .map((one) => one.slice('@froyolo/onnxruntime-'.length))
          .join(', ')}. Install onnxruntime-web and use --device wasm`,
    );
  try {
    return require(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes(name)) throw error;
    throw new Error(
      `${name} is not installed: install again without --no-optional (npm) or --no-optional (pnpm), ` +
        'on the platform that it is to run on',
      { cause: error },
    );
  }
}

module.exports = load();
