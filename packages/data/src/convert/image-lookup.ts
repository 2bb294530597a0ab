/** The image that an annotation means: paths there are those of the machine that wrote them. */
import {
  composed,
  fileOf,
  folderOf,
  isContainer,
  partsOf,
  withoutImageExtension,
  withoutTaskPrefix,
} from './tree.js';

/** What was found: an image, nothing, or several that fit equally well. */
export type Lookup = { readonly path: string } | { readonly problem: string };

export class ImageLookup {
  /** Images by their composed paths. */
  readonly #images: ReadonlyMap<string, string>;
  readonly #byName = new Map<string, string[]>();
  readonly #spell: (path: string) => string;

  /** @param spell what is compared of paths: all of them, or {@link withoutImageExtension} */
  constructor(images: readonly string[], spell = (path: string) => path) {
    this.#spell = spell;
    this.#images = new Map(images.map((image) => [spell(composed(image)), image]));
    for (const image of images) {
      const name = spell(composed(fileOf(image))).toLowerCase();
      const same = this.#byName.get(name);
      if (same) same.push(image);
      else this.#byName.set(name, [image]);
    }
  }

  /**
   * The image that `reference` names. It is looked for in the folders of `hints`, then anywhere by the end of its path.
   * Folders that don't agree (`cam1/1.jpg` for `cam2/1.jpg`) are no match; a reference never leads out of the tree.
   */
  find(reference: string, hints: readonly string[]): Lookup {
    for (const spelling of spellingsOf(reference)) {
      const parts = partsOf(this.#spell(spelling));
      const exact = hints
        .map((hint) => this.#images.get([...partsOf(hint), ...parts].join('/')))
        .find((path) => path !== undefined);
      if (exact !== undefined) return { path: exact };
      const found = this.#byEnd(parts, isForeign(spelling), hints);
      if (found.length === 1 && found[0] !== undefined) return { path: found[0] };
      if (found.length > 1)
        return {
          problem: `${found.length} images are called so, ${found.slice(0, 2).join(' and ')} among them`,
        };
    }
    return { problem: 'there is no such image' };
  }

  #byEnd(parts: readonly string[], foreign: boolean, hints: readonly string[]): string[] {
    const named = this.#byName.get(parts.at(-1)?.toLowerCase() ?? '') ?? [];
    const agreeing = named.filter((image) => foreign || agrees(partsOf(folderOf(image)), parts.slice(0, -1)));
    if (agreeing.length < 2) return agreeing;
    const common = agreeing.map((image) => commonEnd(partsOf(this.#spell(image)), parts));
    const most = common.reduce((a, b) => Math.max(a, b));
    const best = agreeing.filter((_, i) => common[i] === most);
    const hinted = best.filter((image) => hints.some((hint) => hint !== '' && image.startsWith(`${hint}/`)));
    return hinted.length > 0 ? hinted : best;
  }
}

/**
 * As written; as web tools write, with `%20` for a space and a query behind; the file in a query, `?d=images/a.jpg`; and
 * the name that an image had before it was uploaded.
 */
function spellingsOf(reference: string): string[] {
  const plain = decoded(reference);
  const [path = '', query = ''] = plain.split('?', 2);
  const inQuery = /(?:^|&)d=([^&]+)/.exec(query)?.[1];
  const written = [reference, plain, ...(inQuery ? [inQuery] : []), path];
  return [...new Set([...written, path.replace(/[^\\/]+$/, withoutTaskPrefix)])];
}

function decoded(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}

/** Whether a path is absolute, an address or leads up: its folders are those of another machine. */
const isForeign = (path: string) => /^([\\/]|[a-z]:|[a-z]+:\/\/|\.\.[\\/])/i.test(path);

/** Whether one path of folders ends like the other, apart from names such as `images`. */
function agrees(folders: readonly string[], others: readonly string[]): boolean {
  const [a, b] = [folders, others].map((parts) => parts.filter((part) => !isContainer(part)));
  if (!a || !b) return false;
  const shorter = Math.min(a.length, b.length);
  return commonEnd(a, b) === shorter;
}

function commonEnd(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a.at(-1 - count) === b.at(-1 - count)) count += 1;
  return count;
}
