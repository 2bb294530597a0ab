import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CommandError } from '../errors.js';
import { downloadFile } from './download.js';
import { filesOf, packageIndex, wheelIn } from './index-page.js';
import { type FakeIndexOptions, fakeIndex } from './testing/fake-index.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-download-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 251);
const WHEEL = { project: 'some-library', version: '1.2' };
const NAME = 'some_library-1.2-py3-none-manylinux_2_27_x86_64.whl';
const FILES = [
  { project: 'some-library', name: NAME, bytes: BYTES },
  { project: 'some-library', name: 'some_library-1.2-py3-none-win_amd64.whl', bytes: BYTES },
  { project: 'some-library', name: 'some_library-1.20-py3-none-manylinux_2_27_x86_64.whl', bytes: BYTES },
];

async function withIndex<T>(
  options: FakeIndexOptions & { sha256?: string },
  use: (fake: Awaited<ReturnType<typeof fakeIndex>>, index: ReturnType<typeof packageIndex>) => Promise<T>,
): Promise<T> {
  const { sha256, ...how } = options;
  const fake = await fakeIndex(
    FILES.map((file) => ({ ...file, ...(sha256 === undefined ? {} : { sha256 }) })),
    how,
  );
  try {
    return await use(fake, packageIndex({ PIP_INDEX_URL: fake.url }));
  } finally {
    await fake.close();
  }
}

test.each([
  ['JSON', { html: false }],
  ['HTML', { html: true }],
  ['a user and a password', { secret: 'me:pw' }],
])('an index in %s', async (_, options) => {
  await withIndex(options, async (_fake, index) => {
    const wheel = wheelIn(await filesOf(WHEEL.project, index), WHEEL);
    expect(wheel.name).toBe(NAME);
    expect(new URL(wheel.url).pathname).toBe(`/files/${NAME}`);
    expect(wheel.sha256).toMatch(/^[\da-f]{64}$/);
    const path = join(folder, `whole${Object.keys(options)}`);
    await downloadFile(wheel, path, index);
    expect(readFileSync(path).equals(BYTES)).toBe(true);
  });
});

test('the index is that of pip', () => {
  expect(packageIndex({}).url).toMatch(/^https:\/\/.*\/simple$/);
  expect(packageIndex({ PIP_INDEX_URL: 'https://u:p@mirror.test/a/simple/' }).url).toBe(
    'https://mirror.test/a/simple',
  );
});

test('a password goes to the host of the index alone', async () => {
  const sent: (string | null)[] = [];
  const index = packageIndex({ PIP_INDEX_URL: 'https://u:p@mirror.test/simple' }, async (_url, options) => {
    sent.push(new Headers(options?.headers).get('authorization'));
    return new Response();
  });
  await index.fetch('https://mirror.test/files/a');
  await index.fetch('https://files.test/a');
  expect(sent).toEqual([`Basic ${btoa('u:p')}`, null]);
});

test('an unknown project, an unknown version, a file without a sum, no index', async () => {
  await withIndex({}, async (_fake, index) => {
    await expect(filesOf('nothing', index)).rejects.toThrow(
      /simple\/nothing\/ answers 404: check the network/,
    );
    const files = await filesOf(WHEEL.project, index);
    expect(() => wheelIn(files, { ...WHEEL, version: '9' })).toThrow('no wheel of some-library 9');
    const bare = files.map(({ sha256: _, ...file }) => file);
    expect(() => wheelIn(bare, WHEEL)).toThrow('tells no SHA-256');
  });
  const gone = packageIndex({ PIP_INDEX_URL: 'http://127.0.0.1:9/simple' });
  await expect(filesOf('some-library', gone)).rejects.toThrow(CommandError);
});

test('a connection that breaks: the rest is fetched', async () => {
  await withIndex({}, async (fake, index) => {
    const wheel = wheelIn(await filesOf(WHEEL.project, index), WHEEL);
    const path = join(folder, 'cut');
    fake.cutAfter = 100_000;
    const seen: number[] = [];
    await downloadFile(wheel, path, index, { onProgress: (done) => seen.push(done) });
    expect(readFileSync(path).equals(BYTES)).toBe(true);
    expect(seen.at(-1)).toBe(BYTES.length);
    expect(fake.requests).toHaveLength(2);
    expect(fake.requests[1]).toMatch(/bytes=[1-9]\d*-$/);
  });
});

test('an earlier run that was stopped goes on, also where the server sends all again', async () => {
  for (const ranges of [true, false])
    await withIndex({ ranges }, async (fake, index) => {
      const wheel = wheelIn(await filesOf(WHEEL.project, index), WHEEL);
      const path = join(folder, `resumed-${ranges}`);
      writeFileSync(`${path}.part`, BYTES.subarray(0, 123_456));
      await downloadFile(wheel, path, index);
      expect(readFileSync(path).equals(BYTES)).toBe(true);
      expect(fake.requests).toEqual([`GET ${NAME} bytes=123456-`]);
      expect(existsSync(`${path}.part`)).toBe(false);
    });
});

test('another content than the index says is not kept', async () => {
  await withIndex({ sha256: '0'.repeat(64) }, async (_fake, index) => {
    const wheel = wheelIn(await filesOf(WHEEL.project, index), WHEEL);
    const path = join(folder, 'wrong');
    await expect(downloadFile(wheel, path, index)).rejects.toThrow(/its SHA-256 is .*, the index says 0000/);
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  });
});

test('a download that is stopped leaves what it has, under another name', async () => {
  await withIndex({}, async (_fake, index) => {
    const wheel = wheelIn(await filesOf(WHEEL.project, index), WHEEL);
    const path = join(folder, 'stopped');
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(
      downloadFile(wheel, path, index, { signal: controller.signal, onProgress }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, true]);
  });
});
