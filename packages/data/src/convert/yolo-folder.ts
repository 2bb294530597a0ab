/**
 * Folders that tools export in YOLO's layout without a dataset YAML: images, a text file of boxes for each, and perhaps a
 * list of class names.
 */
import { DatasetError } from '../errors.js';
import { labelPathOf } from '../labels.js';
import { LIMITS } from '../limits.js';
import { entriesOf, linesOf } from '../text.js';
import { type Splits, splitByFolder } from './splits.js';
import { composed, type FileTree, fileOf, stemOf, withoutImageExtension, withoutTaskPrefix } from './tree.js';

/** Files beside the labels that name the classes, one a line. */
const CLASS_LISTS = /(^|\/)(classes\.txt|labels\.txt|_darknet\.labels|[^/]*\.names)$/i;

export interface NamedClasses {
  /** Path of the file that names them. */
  readonly from: string;
  readonly names: readonly string[];
}

export interface YoloFolder extends Splits {
  readonly names: readonly string[];
  /** The label file of each image that has one. */
  readonly labels: ReadonlyMap<string, string>;
}

interface YoloFolderOptions {
  /** Class names; by default they are looked for in the tree. */
  readonly known?: NamedClasses | undefined;
  /** Images of which one is held out where folders name no validation set. */
  readonly holdOutEvery?: number | undefined;
}

/** Reads such a folder; undefined where no image has a label file. @throws DatasetError */
export async function openYoloFolder(
  tree: FileTree,
  { known, holdOutEvery }: YoloFolderOptions = {},
): Promise<YoloFolder | undefined> {
  const labels = labelFilesOf(tree);
  if (labels.size === 0) return undefined;
  const splits = splitByFolder(tree.images, holdOutEvery);
  const files = [...labels.values()];
  const named = known ?? (await classList(tree, new Set(files)));
  const names = named?.names ?? (await numberedClasses(tree, files));
  const note = named
    ? `Class names are from ${named.from}.`
    : `No dataset YAML or classes.txt was found: the ${names.length} classes in the labels have no names.`;
  return { ...splits, notes: [...splits.notes, note], names, labels };
}

/** The label file of an image as YOLOv5 looks for it, or beside the image; capitals don't matter. */
export function labelFileOf(
  image: string,
  spelled: (path: string) => string | undefined,
): string | undefined {
  const moved = labelPathOf(`/${image}`).slice(1);
  return spelled(moved) ?? spelled(`${withoutImageExtension(image)}.txt`);
}

/**
 * The label files of a tree's images. Tools that only export labels don't know the folders of the images: files that are
 * left over are matched by name if the name occurs once.
 */
function labelFilesOf({ paths, images }: FileTree): ReadonlyMap<string, string> {
  const texts = paths.filter((path) => /\.txt$/i.test(path) && !CLASS_LISTS.test(path));
  const loosely = (path: string) => composed(path).toLowerCase();
  const spellings = new Map(texts.map((path) => [loosely(path), path]));
  const found = new Map<string, string>();
  for (const image of images) {
    const file = labelFileOf(image, (path) => spellings.get(loosely(path)));
    if (file !== undefined) found.set(image, file);
  }
  for (const nameOf of [stemOf, (path: string) => withoutTaskPrefix(stemOf(path))]) {
    const used = new Set(found.values());
    const files = onlyOnes(texts, (path) => !used.has(path), nameOf);
    for (const [name, image] of onlyOnes(images, (path) => !found.has(path), nameOf)) {
      const file = files.get(name);
      if (file !== undefined) found.set(image, file);
    }
  }
  return found;
}

/** Remaining paths by name, without names that occur twice. */
function onlyOnes(
  paths: readonly string[],
  isLeft: (path: string) => boolean,
  nameOf: (path: string) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const several = new Set<string>();
  for (const path of paths) {
    const name = nameOf(path).toLowerCase();
    if (found.has(name)) several.add(name);
    found.set(name, path);
  }
  return new Map([...found].filter(([name, path]) => !several.has(name) && isLeft(path)));
}

async function classList(tree: FileTree, labels: ReadonlySet<string>): Promise<NamedClasses | undefined> {
  const from = tree.paths.find((path) => CLASS_LISTS.test(path) && !labels.has(path));
  if (from !== undefined) return { from, names: entriesOf(await tree.text(from, LIMITS.yamlBytes)) };
  const notes = tree.paths.find((path) => fileOf(path) === 'notes.json');
  const names = notes === undefined ? [] : namesInNotes(await tree.text(notes, LIMITS.yamlBytes));
  return notes !== undefined && names.length > 0 ? { from: notes, names } : undefined;
}

/** Names in the `notes.json` of Label Studio: `{"categories": [{"id": 0, "name": "cat"}]}`. */
function namesInNotes(text: string): string[] {
  try {
    const { categories } = JSON.parse(text);
    return categories.map(({ name }: { name: unknown }) => String(name));
  } catch {
    return [];
  }
}

async function numberedClasses(tree: FileTree, files: readonly string[]): Promise<string[]> {
  let highest = 0;
  for (const file of files) {
    // A file that can't be read is reported with its image.
    const text = await tree.text(file, LIMITS.labelBytes).catch(() => '');
    for (const line of linesOf(text)) highest = Math.max(highest, classIn(line));
    if (highest >= LIMITS.classes)
      throw new DatasetError(
        `${tree.where(file)}: class ${highest}; at most ${LIMITS.classes} classes can be used`,
      );
  }
  return Array.from({ length: highest + 1 }, (_, i) => `class ${i}`);
}

/** The class of a row; 0 if it has none. */
function classIn(line: string): number {
  const classIndex = Number(line.trim().split(/\s+/)[0]);
  return Number.isInteger(classIndex) ? classIndex : 0;
}
