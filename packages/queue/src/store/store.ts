/** Where datasets, weights and results travel through: files by keys such as `objects/ab/abcd…`. */
import type { Readable } from 'node:stream';

/** Bytes of known number. */
export interface Content {
  readonly bytes: number;
  open(): Readable;
}

export interface Store {
  /** Its address, without secrets. */
  readonly shown: string;
  /** Bytes of a file; undefined if there is none. */
  sizeOf(key: string): Promise<number | undefined>;
  /** @throws StoreError if there is no such file */
  read(key: string): Promise<Readable>;
  /** Writes a file, whole or not at all; one that is there is replaced. */
  write(key: string, content: Content): Promise<void>;
  /** Keys of the files below a folder, such as `runs/x/`. */
  list(folder: string): Promise<string[]>;
  /** Removes files; missing ones are ignored. */
  remove(keys: readonly string[]): Promise<void>;
  /** Removes files that processes left unfinished which were killed while they wrote. */
  tidy(): Promise<void>;
  close(): void;
}

/** Where a file named by its content lies. */
export const objectKey = (sha256: string) => `objects/${sha256.slice(0, 2)}/${sha256}`;
