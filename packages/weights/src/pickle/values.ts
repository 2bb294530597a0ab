/** A class or function that a pickle names. It is never looked up. */
export class PickleGlobal {
  readonly kind = 'global';
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
}

/**
 * An object that a pickle would have constructed by calling `module.name(...args)`, kept as data. `state` is what its
 * `__setstate__` would get; `items` and `entries` what would have been appended or set.
 */
export class PickleObject {
  readonly kind = 'object';
  state: PickleValue = null;
  items: PickleValue[] | undefined;
  entries: Map<PickleValue, PickleValue> | undefined;
  constructor(
    readonly module: string,
    readonly name: string,
    readonly args: PickleValue,
  ) {}
}

/** Base of the values that a reader of one kind of pickle adds, such as tensors. */
export abstract class PickleExtension {
  abstract readonly kind: string;
}

/** Lists and tuples are arrays, dicts are Maps, sets are Sets, bytes are Uint8Arrays, big integers are bigints. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleObject
  | PickleExtension;
