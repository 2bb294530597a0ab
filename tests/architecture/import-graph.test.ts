import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circles, edges, importsOf, readPackages, shown } from './import-graph.js';

/**
 * The packages in the order in which they stand on each other: one may import those above it in this list only.
 * A new package is a row here.
 */
const LAYERS = [
  '@froyolo/errors',
  '@froyolo/testing',
  '@froyolo/common',
  '@froyolo/core',
  '@froyolo/model-yaml',
  '@froyolo/weights',
  '@froyolo/freeze',
  '@froyolo/data',
  '@froyolo/shapes',
  '@froyolo/boxes',
  '@froyolo/yolo',
  '@froyolo/export',
  '@froyolo/report',
  '@froyolo/run',
  '@froyolo/study',
  '@froyolo/queue',
  'froyolo',
  '@froyolo/web',
  '@froyolo/chromium',
];

const packages = readPackages();
const layer = (name: string) => LAYERS.indexOf(name);

test('the circles of a graph are its strongly connected parts', () => {
  const graph = new Map(
    Object.entries({ a: ['b'], b: ['c'], c: ['b', 'd'], d: [] }).map(([node, next]) => [node, new Set(next)]),
  );
  expect(circles(graph)).toEqual([['b', 'c']]);
});

test.each(packages)('$name has its place among the layers', ({ name }) => {
  expect(LAYERS).toContain(name);
});

describe.each(packages)('$name', ({ name, folder, dependencies, files }) => {
  const imports = files.flatMap(importsOf);
  const ours = imports.filter(({ specifier }) => /^(@froyolo\/|froyolo(\/|$))/.test(specifier));

  test('imports packages of lower layers only, each a dependency, by a public entry', () => {
    const allEntries = new Set(packages.flatMap((one) => [...one.entries]));
    const wrong = ours.flatMap(({ from, specifier }) => {
      const target = specifier.startsWith('@') ? specifier.split('/', 2).join('/') : 'froyolo';
      // The runtime is not a library of the workspace's `packages` folder.
      if (target === '@froyolo/onnxruntime' || target === name) return [];
      const problems = [
        ...(layer(target) < layer(name) ? [] : [`${target} is not below ${name}`]),
        ...(dependencies.has(target) ? [] : [`${target} is not a dependency`]),
        // What follows a question mark is for the bundler.
        ...(allEntries.has(specifier.replace(/\?.*$/, '')) ? [] : [`${specifier} is not a public entry`]),
      ];
      return problems.map((problem) => `${shown(from)}: ${problem}`);
    });
    expect(wrong).toEqual([]);
  });

  test('no relative import leaves the package', () => {
    const outside = imports.filter(({ file }) => file !== undefined && !file.startsWith(folder));
    expect(outside.map(({ from, specifier }) => `${shown(from)}: ${specifier}`)).toEqual([]);
  });

  test('no circle between files', () => {
    expect(circles(edges(imports, shown))).toEqual([]);
  });

  test('no circle between folders', () => {
    // A file that lies in `src` itself is a place of its own.
    const folderOf = (file: string) =>
      /\/src\/[^/]+$/.test(shown(file)) ? shown(file) : shown(dirname(file));
    expect(circles(edges(imports, folderOf))).toEqual([]);
  });
});
