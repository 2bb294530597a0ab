/**
 * Small seeded generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state. It is not for secrets.
 * The same seeds give the same numbers on every machine, so batches don't depend on which worker made them.
 */
export class Rng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seeds any number of integers, e.g. (seed, epoch, index); every one of them changes the whole stream */
  constructor(...seeds: number[]) {
    let hash = 0x9e3779b9;
    for (const seed of seeds) {
      hash = mix(hash ^ (seed | 0));
      hash = mix(hash ^ Math.floor(seed / 0x1_0000_0000));
    }
    this.a = hash;
    this.b = mix(hash + 0x6d2b79f5);
    this.c = mix(this.b + 0x6d2b79f5);
    for (let i = 0; i < 12; i++) this.nextUint32();
  }

  /** 32 random bits as an unsigned integer. */
  nextUint32(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return t >>> 0;
  }

  /** A number in [0, 1) with 53 random bits. */
  random(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** A number in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** An integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.random() * n);
  }

  /** A number from the standard normal distribution (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }

  /** A number from the gamma distribution with shape `k` >= 1 and scale 1 (Marsaglia and Tsang, 2000). */
  gamma(k: number): number {
    const d = k - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** A number from the beta distribution with both parameters >= 1. */
  beta(a: number, b: number): number {
    const x = this.gamma(a);
    return x / (x + this.gamma(b));
  }

  /** Shuffles in place (Fisher and Yates) and returns the array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

/** The finalizer of MurmurHash3: every input bit changes every output bit. */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
