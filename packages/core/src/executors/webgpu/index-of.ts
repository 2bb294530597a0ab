/** Positions of elements as WGSL expressions: in the flat array, along the axes, or both. */
import type { Dim, Shape } from '../../graph/node.js';
import { sameShape } from '../../ops/shapes.js';
import type { Code } from './code.js';

export class Index {
  readonly shape: Shape;
  readonly #code: Code;
  readonly #flat: string | undefined;
  readonly #coords: readonly string[] | undefined;

  private constructor(code: Code, shape: Shape, flat?: string, coords?: readonly string[]) {
    this.#code = code;
    this.shape = shape;
    this.#flat = flat;
    this.#coords = coords;
  }

  static flat(code: Code, shape: Shape, flat: string): Index {
    return new Index(code, shape, flat);
  }

  static at(code: Code, shape: Shape, coords: readonly string[]): Index {
    return new Index(code, shape, undefined, coords);
  }

  /** A position known both ways. */
  static known(code: Code, shape: Shape, flat: string, coords: readonly string[]): Index {
    return new Index(code, shape, flat, coords);
  }

  get key(): string {
    return this.#flat ?? this.#coords?.join() ?? '';
  }

  /** Position in the row-major array. */
  get flat(): string {
    if (this.#flat !== undefined) return this.#flat;
    return (this.#coords ?? []).reduce((sum, coord, axis) => this.#step(sum, this.shape[axis], coord), '0');
  }

  #step(sum: string, size: Dim, coord: string): string {
    const scaled = sum === '0' ? '0' : size === 1 ? sum : `${sum} * ${this.#code.dim(size)}`;
    if (scaled === '0') return coord;
    return coord === '0' ? this.#code.let(scaled) : this.#code.let(`${scaled} + ${coord}`);
  }

  /** Position along each axis. */
  get coords(): readonly string[] {
    if (this.#coords) return this.#coords;
    let rest = this.#flat ?? '0';
    const coords = this.shape.map(() => '0');
    const axes = this.shape.map((_, axis) => axis).filter((axis) => this.shape[axis] !== 1);
    for (const axis of axes.reverse()) {
      if (axis === axes.at(-1)) {
        coords[axis] = rest;
        break;
      }
      const size = this.#code.dim(this.shape[axis]);
      const above = this.#code.let(`${rest} / ${size}`);
      coords[axis] = this.#code.let(`${rest} - ${above} * ${size}`);
      rest = above;
    }
    return coords;
  }

  /** The same element of a value of another shape and as many elements. */
  reshaped(shape: Shape): Index {
    if (sameShape(shape, this.shape)) return this;
    if (this.#coords && sameShape(withoutOnes(shape), withoutOnes(this.shape))) return this.#aligned(shape);
    return new Index(this.#code, shape, this.flat);
  }

  /** Axes of size 1 come and go. */
  #aligned(shape: Shape): Index {
    const left = (this.#coords ?? []).filter((_, axis) => this.shape[axis] !== 1);
    const coords = shape.map((d) => (d === 1 ? '0' : (left.shift() ?? '0')));
    return new Index(this.#code, shape, this.#flat, coords);
  }

  /** The element of a value that broadcasting brings here. */
  broadcast(shape: Shape): Index {
    if (sameShape(shape, this.shape)) return this;
    if (shape.every((d) => d === 1))
      return Index.at(
        this.#code,
        shape,
        shape.map(() => '0'),
      );
    const last = this.coords.slice(this.shape.length - shape.length);
    return Index.at(
      this.#code,
      shape,
      shape.map((d, axis) => (d === 1 ? '0' : last[axis])),
    );
  }

  /** With the positions along some axes replaced. */
  moved(shape: Shape, change: (coord: string, axis: number) => string): Index {
    return Index.at(this.#code, shape, this.coords.map(change));
  }
}

const withoutOnes = (shape: Shape) => shape.filter((d) => d !== 1);
