/** Builds the text of a WGSL program: numbered values, blocks, and numbers that are only known at a run. */
import type { Part } from '../../fusion/parts.js';
import type { Dim, Node } from '../../graph/node.js';
import type { Abilities } from './abilities.js';

/** A number that each run passes to the program: a value's place in memory, or a symbolic size. */
export type Slot =
  | { readonly kind: 'place'; readonly node: Node; readonly part: Part }
  | { readonly kind: 'dim'; readonly dim: Dim };

/** Larger sizes are passed at run time, so that images of other sizes and channels use the same programs. */
const LARGEST_LITERAL = 8;

export class Code {
  /** Abilities of the GPU. */
  readonly can: Abilities;
  readonly slots: Slot[] = [];
  /** Variables that hold two neighboring halves until both are known. */
  readonly pairs: string[] = [];
  readonly #slotKeys = new Map<string, number>();
  #lines: string[] = [];
  /** Names of values by their text, in the open blocks. */
  #scopes: Map<string, string>[] = [new Map()];
  #count = 0;

  constructor(can: Abilities) {
    this.can = can;
  }

  /** The place of a value in the memory, in elements. */
  place(node: Node, part: Part = 'value'): string {
    return this.#slot(`${node.id} ${part}`, { kind: 'place', node, part });
  }

  dim(dim: Dim): string {
    if (typeof dim === 'number' && dim <= LARGEST_LITERAL) return String(dim);
    return this.#slot(String(dim), { kind: 'dim', dim });
  }

  /** A number under a name of its own. */
  number(name: string, value: number): string {
    return this.#slot(`#${name}`, { kind: 'dim', dim: value });
  }

  #slot(key: string, slot: Slot): string {
    const known = this.#slotKeys.get(key);
    if (known !== undefined) return `u[${known}]`;
    this.#slotKeys.set(key, this.slots.length);
    return `u[${this.slots.push(slot) - 1}]`;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** A variable for two halves, declared around the loop over both. */
  pair(): string {
    const name = `h${this.pairs.length}`;
    this.pairs.push(name);
    return name;
  }

  /** A loop of `e` over two neighboring elements, around lines that were taken. */
  overPair(lines: string): string {
    const variables = this.pairs.map((name) => `var ${name}: vec2<f32>;`);
    return [...variables, 'for (var e = 0; e < 2; e++) {', lines, '}'].join('\n');
  }

  /** A name of its own. */
  name(): string {
    return `v${this.#count++}`;
  }

  /** Names a value, reusing the name of an earlier one with the same text in this block or those around it. */
  let(text: string): string {
    if (/^[\w.]+$/.test(text)) return text;
    return this.once(text, () => text);
  }

  /** As `let`, with a key in place of the text. */
  once(key: string, make: () => string): string {
    const known = this.#scopes.findLast((scope) => scope.has(key))?.get(key);
    if (known) return known;
    const text = make();
    if (/^[\w.]+$/.test(text)) {
      this.#scopes.at(-1)?.set(key, text);
      return text;
    }
    const name = this.name();
    this.line(`let ${name} = ${text};`);
    this.#scopes.at(-1)?.set(key, name);
    return name;
  }

  /** Makes a name known under a key. */
  know(key: string, name: string): void {
    this.#scopes.at(-1)?.set(key, name);
  }

  /** Lines in braces, whose names end with them. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#scopes.push(new Map());
    body();
    this.#scopes.pop();
    this.line('}');
  }

  /** Takes all lines written since it was last called. */
  take(): string {
    const text = this.#lines.join('\n');
    this.#lines = [];
    this.#scopes = [new Map()];
    return text;
  }
}
