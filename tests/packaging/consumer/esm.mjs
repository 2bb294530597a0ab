import * as core from '@froyolo/core';
import * as freeze from '@froyolo/freeze';
import * as modelYaml from '@froyolo/model-yaml';
import { usePackages } from './use-packages.cjs';

const loaded = [];
for (const entry of process.argv.slice(2)) {
  await import(entry);
  loaded.push(entry);
}
console.log(JSON.stringify({ loaded, ...usePackages({ core, modelYaml, freeze }) }));
