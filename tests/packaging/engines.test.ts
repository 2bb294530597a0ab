/** Node 20 runs every package of the tree: those that users install and those that the tests need. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { satisfies } from 'semver';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const LOCK = join(import.meta.dirname, '../../pnpm-lock.yaml');
/** The oldest Node 20 that vite, which builds the page and runs the tests, accepts. */
const NODE = '20.19.0';

test(`every locked package accepts Node ${NODE}`, () => {
  const { packages } = parse(readFileSync(LOCK, 'utf8'), { maxAliasCount: 0 }) as {
    packages: Record<string, { engines?: { node?: string } }>;
  };
  const refusing = Object.entries(packages).filter(
    ([, { engines }]) => engines?.node !== undefined && !satisfies(NODE, engines.node),
  );
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(refusing.map(([name, { engines }]) => `${name}: ${engines?.node}`)).toEqual([]);
});
