import { CheckpointError, DAMAGED } from '../errors.js';

/** Takes bytes off a pickle, one bounds check for all of them. */
export class PickleReader {
  private readonly view: DataView;
  private readonly text = new TextDecoder('utf-8');
  at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly where: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An error at the current position. */
  error(what: string, advice = DAMAGED, cause?: unknown): CheckpointError {
    return new CheckpointError(what, `${this.where}, byte ${this.at}`, advice, { cause });
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) {
      throw this.error(`The pickle ends ${length - (this.bytes.length - this.at)} bytes early`);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  private skip(length: number): number {
    this.take(length);
    return this.at - length;
  }

  uint8(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** A 64-bit length. Beyond 2^53 it loses precision, but then it's past any file's end. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  utf8(length: number): string {
    return this.text.decode(this.take(length));
  }

  /** Python 2 strings have no encoding: each byte is one character. */
  latin1(length: number): string {
    const bytes = this.take(length);
    let text = '';
    // In pieces, because a call takes a limited number of arguments.
    for (let at = 0; at < length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    return text;
  }

  /** Text up to the next newline, which is consumed. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.error('The pickle ends within a line');
    const text = this.utf8(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** A little-endian two's complement integer of any length. */
  long(length: number): number | bigint {
    // Conversion takes quadratic time, and no checkpoint holds integers of more than a few bytes.
    if (length > 256) throw this.error(`An integer of ${length} bytes`);
    let value = 0n;
    for (const byte of this.take(length).toReversed()) value = (value << 8n) | BigInt(byte);
    value = BigInt.asIntN(length * 8, value);
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }
}
