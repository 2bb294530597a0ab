/** A stream of numbers in [0, 1) that depends on the seed and a name alone. */
export function randomOf(seed: number, name: string): () => number {
  return mulberry32(hash(name) ^ Math.imul(seed, 0x9e3779b1));
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h;
}

/** Tommy Ettinger's Mulberry32: 32 bits of state are plenty for an initialization. */
function mulberry32(state: number): () => number {
  let s = state;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
