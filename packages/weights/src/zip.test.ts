import { describe, expect, test } from 'vitest';
import { CheckpointError } from './errors.js';
import { concat, fields, writeZip, type ZipEntry } from './testing/zip-writer.js';
import { openZip } from './zip.js';

const text = (value: string) => new TextEncoder().encode(value);
const a: ZipEntry = { name: 'a', data: text('first') };
const b: ZipEntry = { name: 'b', data: text('second'.repeat(50)) };

const readAll = (bytes: Uint8Array) => {
  const archive = openZip(bytes);
  return archive.names.map((name) => new TextDecoder().decode(archive.read(name)));
};

describe('reads', () => {
  test('stored and deflated entries', () => {
    expect(readAll(writeZip([a, { ...b, deflate: true }]))).toEqual(['first', 'second'.repeat(50)]);
  });

  test('zip64 sizes and offsets', () => {
    expect(readAll(writeZip([a, { ...b, zip64: true }]))).toEqual(['first', 'second'.repeat(50)]);
  });

  test('an archive without checksums, as PyTorch writes where it is told so; one wrong among them is wrong', () => {
    expect(readAll(writeZip([a, b].map((entry) => ({ ...entry, claimedCrc: 0 }))))).toHaveLength(2);
    expect(() => readAll(writeZip([a, { ...b, claimedCrc: 0 }]))).toThrow(/checksum/);
  });

  test('the zip64 end record', () => {
    const plain = writeZip([a, b]);
    const end = plain.length - 22;
    const view = new DataView(plain.buffer);
    const directory = view.getUint32(end + 16, true);
    const size = view.getUint32(end + 12, true);
    const end64 = fields([4, 0x06064b50], [8, 44], [4, 0], [8, 0], [8, 2], [8, 2], [8, size], [8, directory]);
    const padded = concat([end64.subarray(0, 16), fields([8, 0]), end64.subarray(24)]);
    const locator = fields([4, 0x07064b50], [4, 0], [8, end], [4, 1]);
    const tail = fields(
      [4, 0x06054b50],
      [4, 0],
      [2, 0xffff],
      [2, 0xffff],
      [4, 0xffffffff],
      [4, 0xffffffff],
      [2, 0],
    );
    expect(readAll(concat([plain.subarray(0, end), padded, locator, tail]))).toEqual([
      'first',
      'second'.repeat(50),
    ]);
  });

  test('an archive with a comment', () => {
    const plain = writeZip([a]);
    const bytes = concat([plain, text('comment')]);
    new DataView(bytes.buffer).setUint16(plain.length - 2, 7, true);
    expect(readAll(bytes)).toEqual(['first']);
  });
});

describe('refuses', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /no directory/],
    [
      'an entry that claims more than it holds',
      writeZip([{ ...a, claimedSize: 2 ** 31 }]),
      /claims 2147483648 bytes from 5/,
    ],
    ['an entry past the end', writeZip([{ ...a, claimedOffset: 100_000 }]), /no header/],
    ['two entries on the same bytes', writeZip([a, { ...b, claimedOffset: 0 }]), /overlaps/],
    ['a name twice', writeZip([a, a]), /twice/],
    [
      'a deflated entry that claims more than deflate can shrink',
      writeZip([{ ...b, deflate: true, claimedSize: 2 ** 31 }]),
      /claims 2147483648/,
    ],
  ];
  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => readAll(bytes)).toThrow(CheckpointError);
    expect(() => readAll(bytes)).toThrow(message);
  });

  test('an entry that inflates to more or less than it claims', () => {
    for (const claimedSize of [299, 301]) {
      expect(() => readAll(writeZip([{ ...b, deflate: true, claimedSize }]))).toThrow(/checksum/);
    }
  });

  test('a stored entry with one bit changed, each time it is read; the others can be read', () => {
    const bytes = writeZip([a, b]);
    bytes[bytes.indexOf('f'.charCodeAt(0))] ^= 1;
    const archive = openZip(bytes);
    for (let i = 0; i < 2; i++)
      expect(() => archive.read('a')).toThrow(
        /Entry "a" fails its checksum \(CRC-32\).*download or export it again/,
      );
    expect(new TextDecoder().decode(archive.read('b'))).toBe('second'.repeat(50));
  });

  test('a zip bomb, before inflating it', () => {
    // Noise keeps its size, so that the claim passes what deflate could do and fails only the archive's budget.
    let seed = 1;
    const noise = new Uint8Array(80_000).map(() => (seed = (seed * 48271) % 2147483647) & 0xff);
    const bytes = writeZip([{ name: 'z', data: noise, deflate: true, claimedSize: 75_000_000 }]);
    expect(() => openZip(bytes).read('z')).toThrow(/inflates to too much/);
  });

  test('a count of entries that the directory cannot hold', () => {
    const bytes = writeZip([a]);
    new DataView(bytes.buffer).setUint16(bytes.length - 12, 60_000, true);
    expect(() => openZip(bytes)).toThrow(/does not fit/);
  });
});
