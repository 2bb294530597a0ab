/** Images that are the same, byte by byte or to the eye. */
import type { Split } from '../dataset-yaml.js';
import { type Finding, finding } from './findings.js';

/** What duplicates are found by. */
export interface Fingerprint {
  /** The image. */
  readonly file: string;
  readonly split: Split;
  /** Digest of the file's bytes. */
  readonly sha256: string;
  /** 64 bits: whether each of 8 x 8 areas is brighter than its neighbor to the right (dHash). */
  readonly hash: readonly [high: number, low: number];
  /** False for a picture of one color: all of them look alike. */
  readonly hasContent: boolean;
}

/** Bits that may differ between pictures that look the same. */
const NEAR_BITS = 3;

export function findDuplicates(prints: readonly Fingerprint[]): { findings: Finding[]; exact: Set<string> } {
  const exact = new Set<string>();
  const findings: Finding[] = [];
  const first = new Map<string, Fingerprint>();
  for (const print of prints) {
    const other = first.get(print.sha256);
    if (!other) first.set(print.sha256, print);
    else if (other.file !== print.file) {
      exact.add(print.file);
      const kind = other.split === print.split ? 'duplicate' : 'duplicate-across-splits';
      findings.push(finding(kind, print, `the same file as ${other.file} of "${other.split}"`));
    }
  }
  return { findings: [...findings, ...findNear([...first.values()])], exact };
}

/** Two hashes that differ in 3 bits share one of four parts of 16 bits: only those are compared. */
function findNear(prints: readonly Fingerprint[]): Finding[] {
  const buckets = new Map<string, Fingerprint[]>();
  const findings: Finding[] = [];
  for (const print of prints.filter(({ hasContent }) => hasContent)) {
    const keys = partsOf(print.hash).map((part, i) => `${i}:${part}`);
    const candidates = new Set(keys.flatMap((key) => buckets.get(key) ?? []));
    const near = [...candidates].find((other) => distance(print.hash, other.hash) <= NEAR_BITS);
    if (near) {
      const kind = near.split === print.split ? 'near-duplicate' : 'near-duplicate-across-splits';
      findings.push(finding(kind, print, `looks like ${near.file} of "${near.split}"`));
    }
    for (const key of keys) {
      const bucket = buckets.get(key);
      if (!bucket) buckets.set(key, [print]);
      else if (bucket.length < 1000) bucket.push(print);
    }
  }
  return findings;
}

const partsOf = ([high, low]: Fingerprint['hash']) => [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff];

function distance(a: Fingerprint['hash'], b: Fingerprint['hash']): number {
  return bitsOf(a[0] ^ b[0]) + bitsOf(a[1] ^ b[1]);
}

function bitsOf(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** The hash of 9 x 8 gray values. */
export function differenceHash(gray: Uint8Array): Pick<Fingerprint, 'hash' | 'hasContent'> {
  const bits = [0, 0] as [number, number];
  for (let i = 0; i < 64; i++) {
    const at = Math.floor(i / 8) * 9 + (i % 8);
    if ((gray[at] ?? 0) > (gray[at + 1] ?? 0)) bits[i < 32 ? 0 : 1] |= 1 << (i % 32);
  }
  const [low, high] = [Math.min(...gray), Math.max(...gray)];
  return { hash: [bits[0] >>> 0, bits[1] >>> 0], hasContent: high - low > 8 };
}
