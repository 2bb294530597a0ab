/** What a device is, and what opening one gives. */
import type { Executor } from '../executors/executor.js';

export type Platform = 'node' | 'browser';
/** What a request may ask for besides a device by name. */
export type DeviceKind = 'cpu' | 'cuda' | 'webgpu' | 'wasm';

export interface Device {
  readonly name: string;
  readonly answersTo: readonly DeviceKind[];
  readonly platforms: readonly Platform[];
  /** Where `auto` may pick it. */
  readonly auto: readonly Platform[];
  /** What it needs, and how to install that. */
  readonly packages: readonly string[];
  readonly install: string;
  /** Whether there may be several, told apart by a number as in `cuda:1`. */
  readonly numbered?: true;
  /** Imports the packages, which nothing does before, and creates the executor. Throws what they throw. */
  open(options: OpenOptions): Promise<Opened>;
}

export interface OpenOptions {
  readonly platform: Platform;
  /** Which of several, as in `cuda:1`. Default 0. */
  readonly index?: number;
  /** Threads of a device that has them. By default it decides. */
  readonly threads?: number;
}

export interface Opened {
  readonly executor: Executor;
  /** Of the package. */
  readonly version: string;
  /** Threads it computes with, where it says so. */
  readonly threads?: number;
  /** What the driver calls the device. */
  readonly adapter?: string;
  /** A GPU imitated on the CPU: works, slowly; `auto` passes it by. */
  readonly software?: boolean;
}
