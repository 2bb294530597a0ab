/** What `await using` frees at the end of its block. */
export interface AsyncResource {
  /** Frees what it holds outside of JavaScript's memory. */
  dispose(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes an object with `dispose` fit for `await using`. */
export function disposable<T extends Pick<AsyncResource, 'dispose'>>(value: T): NoInfer<T> & AsyncResource {
  return { ...value, [Symbol.asyncDispose]: () => value.dispose() };
}
