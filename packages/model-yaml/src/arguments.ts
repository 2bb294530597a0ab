/** The arguments of one layer, read by position with their type checked. */
import { ModelYamlError } from './errors.js';
import type { Literal } from './literal.js';
import { type Activation, activationNames, identity, parseActivation } from './nn/activations.js';
import type { LayerSpec } from './spec.js';

/** Reads the arguments of a layer; each method throws a `ModelYamlError` with file and line for a value of another type. */
export class Arguments {
  readonly #layer: LayerSpec;
  readonly #fileName: string;

  constructor(layer: LayerSpec, fileName: string) {
    this.#layer = layer;
    this.#fileName = fileName;
  }

  get all(): readonly Literal[] {
    return this.#layer.args;
  }

  /** An error about this layer. */
  error(problem: string): ModelYamlError {
    const { index, module, line } = this.#layer;
    return new ModelYamlError(`layer ${index} (${module}): ${problem}`, { fileName: this.#fileName, line });
  }

  /** A whole number of at least `least`. */
  int(position: number, name: string, fallback?: number, least = 1): number {
    const value = this.#at(position) ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
    throw this.#wrong(position, name, `a whole number of at least ${least}`);
  }

  /** Like `int`; undefined for an argument that is left out or `None`. */
  optionalInt(position: number, name: string, least = 0): number | undefined {
    return this.#at(position) === null ? undefined : this.int(position, name, undefined, least);
  }

  number(position: number, name: string, fallback: number): number {
    const value = this.#at(position) ?? fallback;
    if (typeof value === 'number' && value > 0) return value;
    throw this.#wrong(position, name, 'a positive number');
  }

  boolean(position: number, name: string, fallback: boolean): boolean {
    const value = this.#at(position) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.#wrong(position, name, 'True or False');
  }

  ints(position: number, name: string, fallback?: readonly number[], least = 1): readonly number[] {
    const value = this.#at(position) ?? fallback;
    if (Array.isArray(value) && value.every((v) => Number.isInteger(v) && v >= least))
      return value as number[];
    throw this.#wrong(position, name, `a list of whole numbers of at least ${least}`);
  }

  /** `True` or nothing: the model's activation; `False`: none; or one by name. */
  activation(position: number, fallback: Activation): Activation {
    const value = this.#at(position) ?? true;
    if (typeof value === 'boolean') return value ? fallback : identity;
    const named = typeof value === 'string' ? parseActivation(value) : undefined;
    if (named) return named;
    throw this.#wrong(position, 'activation', `True, False or one of ${activationNames().join(', ')}`);
  }

  /** The argument has no other value than this one (left out counts as that). */
  only(position: number, name: string, allowed: Literal): void {
    const value = this.#at(position);
    if (value !== null && value !== allowed) throw this.#wrong(position, name, JSON.stringify(allowed));
  }

  #at(position: number): Literal {
    return this.#layer.args[position] ?? null;
  }

  #wrong(position: number, name: string, needed: string): ModelYamlError {
    return this.error(
      `argument ${position + 1} (${name}) should be ${needed}, is ${JSON.stringify(this.#at(position))}`,
    );
  }
}
