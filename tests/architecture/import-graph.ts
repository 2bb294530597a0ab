/** Reads which files, folders and packages of the workspace import which. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = join(ROOT, 'packages');

export interface SourcePackage {
  readonly name: string;
  readonly folder: string;
  /** Names in `dependencies`, `peerDependencies` and `optionalDependencies`. */
  readonly dependencies: ReadonlySet<string>;
  /** What others may import: `@froyolo/data`, `@froyolo/data/node`, … */
  readonly entries: ReadonlySet<string>;
  /** TypeScript files below `src`, absolute, tests and fixtures left out. */
  readonly files: readonly string[];
}

export interface Import {
  /** Absolute path of the importing file. */
  readonly from: string;
  /** As it is written. */
  readonly specifier: string;
  /** The imported file; undefined for a package. */
  readonly file?: string;
}

interface Manifest {
  name: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** What tests alone use isn't published: `testing/` and `fixtures/`. */
const isSource = (path: string): boolean =>
  /\.tsx?$/.test(path) && !/\.(test|bench)\.tsx?$/.test(path) && !/\/(testing|fixtures)\//.test(path);

function readPackage(folder: string): SourcePackage {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { name, exports = {}, dependencies, peerDependencies, optionalDependencies } = manifest;
  const src = join(folder, 'src');
  const files = existsSync(src) ? readdirSync(src, { recursive: true, encoding: 'utf8' }) : [];
  return {
    name,
    folder,
    dependencies: new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })),
    entries: new Set(Object.keys(exports).map((path) => name + path.slice(1))),
    files: files.map((file) => join(src, file)).filter(isSource),
  };
}

/** Every package below `packages/`. */
export function readPackages(): SourcePackage[] {
  return readdirSync(PACKAGES)
    .map((name) => join(PACKAGES, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map(readPackage);
}

/** What a file imports, re-exports or imports at run time, types included. */
export function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles.map(({ fileName: specifier }) => {
    const target = specifier.startsWith('.') ? resolveFile(resolve(dirname(file), specifier)) : undefined;
    return { from: file, specifier, ...(target === undefined ? {} : { file: target }) };
  });
}

/** The source behind `./name.js`. */
function resolveFile(path: string): string {
  const candidates = [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx'), `${path}.ts`, path];
  return candidates.find(existsSync) ?? path;
}

/** The path below the workspace, with `/` on every system. */
export const shown = (file: string): string => relative(ROOT, file).replaceAll('\\', '/');

/**
 * Circles of a directed graph: each strongly connected part of more than one node, its nodes sorted (Tarjan's
 * algorithm).
 */
export function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: string[][] = [];

  function visit(node: string): number {
    const index = order.size;
    order.set(node, index);
    stack.push(node);
    open.add(node);
    let lowest = index;
    for (const next of graph.get(node) ?? []) {
      const seen = order.get(next);
      if (seen === undefined) lowest = Math.min(lowest, visit(next));
      else if (open.has(next)) lowest = Math.min(lowest, seen);
    }
    low.set(node, lowest);
    if (lowest === index) close(node);
    return lowest;
  }

  function close(root: string): void {
    const part = stack.splice(stack.indexOf(root));
    for (const node of part) open.delete(node);
    if (part.length > 1) found.push(part.sort());
  }

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}

/** Edges between groups of files, such as folders; edges inside a group are left out. */
export function edges(
  imports: readonly Import[],
  group: (file: string) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { from, file } of imports) {
    if (file === undefined || group(from) === group(file)) continue;
    graph.set(group(from), (graph.get(group(from)) ?? new Set()).add(group(file)));
  }
  return graph;
}
