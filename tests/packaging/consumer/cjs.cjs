const { usePackages } = require('./use-packages.cjs');

const loaded = [];
for (const entry of process.argv.slice(2)) {
  require(entry);
  loaded.push(entry);
}
const [core, modelYaml, freeze] = ['core', 'model-yaml', 'freeze'].map((name) => require(`@froyolo/${name}`));
console.log(JSON.stringify({ loaded, ...usePackages({ core, modelYaml, freeze }) }));
