/** Types of devices and of opened ones. */
import type { Executor } from '../executors/executor.js';

export type Platform = 'node' | 'browser';
/** Kinds of device that a request may name. */
export type DeviceKind = 'cpu' | 'cuda' | 'webgpu' | 'wasm';

export interface Device {
  readonly name: string;
  readonly answersTo: readonly DeviceKind[];
  readonly platforms: readonly Platform[];
  /** Platforms on which `auto` may pick it. */
  readonly auto: readonly Platform[];
  /** Packages it needs, and how to install them. */
  readonly packages: readonly string[];
  readonly install: string;
  /** Set if there may be several, told apart by a number as in `cuda:1`. */
  readonly numbered?: true;
  /** Why its first step takes much longer than the others, in words. */
  readonly slowStart?: string;
  /** Imports the packages, which nothing does before, and creates the executor. Throws what they throw. */
  open(options: OpenOptions): Promise<Opened>;
}

/** Brings what a machine has beside the packages that the program finds by itself. */
export interface Supplies {
  /** Path of the module to import in the place of a package; nothing where the package is looked up as usual. */
  modulePath(packageName: string): string | undefined;
  /** Loads the libraries that CUDA packages ask for by name, as far as the system doesn't find them by itself. */
  loadCuda(packageName: string): Promise<void>;
}

export interface OpenOptions {
  readonly platform: Platform;
  /** Packages and libraries of this machine. By default those that are found as usual. */
  readonly supplies?: Supplies;
  /** Number among several devices, as in `cuda:1`. Default 0. */
  readonly index?: number;
  /** Threads of a device that has them. By default it decides. */
  readonly threads?: number;
}

export interface Opened {
  readonly executor: Executor;
  /** Version of the package. */
  readonly version: string;
  /** Threads it computes with, where it says so. */
  readonly threads?: number;
  /** Name of the device in its driver. */
  readonly adapter?: string;
  /** A GPU imitated on the CPU: works, slowly; `auto` passes it by. */
  readonly software?: boolean;
  /** Resolves when the device is gone, and another has to be opened. Absent where that can't be told. */
  readonly lost?: Promise<unknown>;
}
