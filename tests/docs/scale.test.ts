/** The files in docs/scale.md that start workers: they are whole, their parts fit together, and what they name exists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { satisfies } from 'semver';
import { globSync } from 'tinyglobby';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const PAGE = read('docs/scale.md');
const PACKAGE: { version: string; engines: { node: string } } = JSON.parse(read('packages/cli/package.json'));
/** A worker that is stopped may take this time: `GRACE_MS` of the worker. */
const GRACE_SECONDS = 20;

const [compose = '', kubernetes = ''] = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
  ([, text]) => text,
);

function documents(text: string): unknown[] {
  return parseAllDocuments(text).map((one) => {
    if ('errors' in one) expect(one.errors).toEqual([]);
    return 'toJS' in one ? one.toJS() : one;
  });
}

const node = z.string().regex(/^node:\d+-slim$/);

function expectRuns(image: string): void {
  const version = /node:(\d+)/.exec(image)?.[1];
  expect(satisfies(`${version}.99.0`, PACKAGE.engines.node), image).toBe(true);
}

/** A command line names a command and flags of docs/cli.md. */
function expectKnown(line: string): void {
  const words = line.split(/\s+/);
  const [name = '', ...rest] = words.slice(words.lastIndexOf('froyolo') + 1);
  const [, flags] =
    new RegExp(`<!-- flags: ${name} -->([\\s\\S]*?)<!-- end -->`).exec(read('docs/cli.md')) ?? [];
  expect(flags, `a command "${name}"`).toBeDefined();
  for (const flag of rest.filter((word) => word.startsWith('--')))
    expect(flags).toMatch(new RegExp(`\`${flag}[ \`]`));
}

/** Variables of ours are those that the command line reads. */
function expectRead(variables: readonly string[]): void {
  const sources = globSync('packages/{cli,weights}/src/**/*.ts', { cwd: ROOT }).map(read).join('\n');
  for (const name of variables) expect(sources, name).toMatch(new RegExp(`\\b${name}\\b`));
}

describe('the Compose file', () => {
  const service = z.strictObject({
    image: z.string(),
    command: z.string().optional(),
    entrypoint: z.string().optional(),
    environment: z.record(z.string(), z.string()).optional(),
    volumes: z.array(z.string().regex(/^[\w.]+:\/\w+$/)).optional(),
    depends_on: z.array(z.string()).optional(),
    deploy: z.strictObject({ replicas: z.int().positive() }).optional(),
    stop_grace_period: z
      .string()
      .regex(/^\d+s$/)
      .optional(),
    profiles: z.array(z.string()).optional(),
    working_dir: z.string().optional(),
  });
  const file = z
    .strictObject({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.object({})) })
    .parse(documents(compose)[0]);
  const { redis, worker, study } = z
    .strictObject({ redis: service, worker: service, study: service })
    .parse(file.services);

  test('volumes and services that are named are there', () => {
    for (const { volumes = [], depends_on: needed = [] } of [redis, worker, study]) {
      for (const [from = ''] of volumes.map((volume) => volume.split(':')))
        expect([...Object.keys(file.volumes), '.']).toContain(from);
      for (const name of needed) expect(Object.keys(file.services)).toContain(name);
    }
    expect(worker.volumes).toContain('store:/store');
    expect(study.volumes).toContain('store:/store');
    expect(worker.environment).toMatchObject({
      FROYOLO_STORE: '/store',
      FROYOLO_QUEUE: 'redis://redis:6379',
    });
    expect(study.environment).toEqual({ FROYOLO_QUEUE: 'redis://redis:6379' });
  });

  test('commands, flags, variables and images exist; a worker is given the time that it may take', () => {
    for (const line of [worker.command ?? '', study.entrypoint ?? '']) expectKnown(line);
    for (const { image } of [worker, study]) expectRuns(node.parse(image));
    expectRead([...Object.keys(worker.environment ?? {}), ...Object.keys(study.environment ?? {})]);
    expect(Number.parseInt(worker.stop_grace_period ?? '', 10)).toBeGreaterThan(GRACE_SECONDS);
    expect(worker.deploy?.replicas).toBe(2);
    for (const flag of ['--appendonly yes', '--maxmemory-policy noeviction'])
      expect(redis.command).toContain(flag);
  });
});

describe('the Kubernetes manifest', () => {
  const name = z.strictObject({ name: z.string() });
  const variable = z.strictObject({
    name: z.string(),
    value: z.string().optional(),
    valueFrom: z
      .strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) })
      .optional(),
  });
  const labels = z.strictObject({ app: z.string() });
  const container = z.strictObject({
    name: z.string(),
    image: z.string(),
    command: z.array(z.string()),
    env: z.array(variable),
    resources: z.strictObject({ requests: z.strictObject({ cpu: z.string(), memory: z.string() }) }),
    volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
  });
  const deployment = z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata: name,
    spec: z.strictObject({
      selector: z.strictObject({ matchLabels: labels }),
      template: z.strictObject({
        metadata: z.strictObject({ labels }),
        spec: z.strictObject({
          terminationGracePeriodSeconds: z.int(),
          containers: z.tuple([container]),
          volumes: z.array(z.strictObject({ name: z.string(), emptyDir: z.strictObject({}) })),
        }),
      }),
    }),
  });
  // The values of a trigger are texts, also numbers and truths.
  const trigger = z.strictObject({
    type: z.literal('redis'),
    metadata: z.strictObject({
      address: z.string(),
      enableTLS: z.enum(['true', 'false']),
      listName: z.string(),
      listLength: z.string().regex(/^\d+$/),
    }),
    authenticationRef: name,
  });
  const scaled = z.strictObject({
    apiVersion: z.literal('keda.sh/v1alpha1'),
    kind: z.literal('ScaledObject'),
    metadata: name,
    spec: z.strictObject({
      scaleTargetRef: name,
      minReplicaCount: z.int(),
      maxReplicaCount: z.int(),
      cooldownPeriod: z.int(),
      triggers: z.array(trigger),
    }),
  });
  const authentication = z.strictObject({
    apiVersion: z.literal('keda.sh/v1alpha1'),
    kind: z.literal('TriggerAuthentication'),
    metadata: name,
    spec: z.strictObject({
      secretTargetRef: z.array(z.strictObject({ parameter: z.string(), name: z.string(), key: z.string() })),
    }),
  });
  const [workers, scaler, secret] = z
    .tuple([deployment, scaled, authentication])
    .parse(documents(kubernetes));
  const { template, selector } = workers.spec;
  const [worker] = template.spec.containers;

  test('the parts find each other', () => {
    expect(template.metadata.labels).toEqual(selector.matchLabels);
    expect(scaler.spec.scaleTargetRef.name).toBe(workers.metadata.name);
    for (const { authenticationRef } of scaler.spec.triggers)
      expect(authenticationRef.name).toBe(secret.metadata.name);
    expect(worker.volumeMounts.map((mount) => mount.name)).toEqual(
      template.spec.volumes.map((volume) => volume.name),
    );
    const secrets = worker.env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.name ?? []);
    expect(new Set(secrets)).toEqual(new Set(secret.spec.secretTargetRef.map((one) => one.name)));
  });

  test('it scales on the lists of the queue, which packages/queue/src/queue.test.ts looks into', () => {
    expect(scaler.spec.triggers.map(({ metadata }) => metadata.listName)).toEqual([
      'froyolo:arms:wait',
      'froyolo:arms:active',
    ]);
  });

  test('command, variables, versions exist; a worker is given the time that it may take', () => {
    expectKnown(worker.command.join(' '));
    expectRead(worker.env.map((one) => one.name));
    expect(worker.image).toMatch(new RegExp(`/froyolo:${PACKAGE.version.replaceAll('.', '\\.')}$`));
    expectRuns(node.parse(/FROM (node:\S+);/.exec(kubernetes)?.[1]));
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(GRACE_SECONDS);
    expect(worker.volumeMounts.map((mount) => mount.mountPath)).toEqual(
      worker.env.filter((one) => one.name === 'FROYOLO_CACHE').map((one) => one.value),
    );
  });
});
