/** The typed description of an architecture: what a YOLOv5 YAML says, checked, before anything is built. */
import { IN_WORDS, must } from '@froyolo/errors';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ModelYamlError } from './errors.js';
import { type Literal, toLiteral } from './literal.js';

/** One row of `backbone` or `head`. */
export interface LayerSpec {
  readonly index: number;
  /** Index of the layers this one reads: -1 is the one before it. */
  readonly from: readonly number[];
  /** As written, before the depth multiple. */
  readonly repeats: number;
  /** As written, such as `C3` or `nn.Upsample`. */
  readonly module: string;
  readonly args: readonly Literal[];
  readonly section: 'backbone' | 'head';
  readonly line?: number;
}

export interface ModelSpec {
  /** For messages. */
  readonly fileName: string;
  readonly numClasses: number;
  /** Channels of the image. */
  readonly channels: number;
  readonly depthMultiple: number;
  readonly widthMultiple: number;
  /** As written, such as `nn.SiLU()`. */
  readonly activation: string;
  /** Pixels, `[level][anchor][width, height]`: placeholders when the YAML gives only a count, none when it gives none. */
  readonly anchors: readonly (readonly (readonly [number, number])[])[];
  readonly layers: readonly LayerSpec[];
  /** The YAML's content with the overrides applied, JSON-compatible: `parseModelYaml(spec.source)` gives the same spec. */
  readonly source: Readonly<Record<string, unknown>>;
}

export interface ParseOptions {
  /** Replaces `nc`. */
  readonly numClasses?: number;
  /** Replaces `anchors`: rows of `w, h, w, h, …` in pixels, or a count of anchors per level. */
  readonly anchors?: number | readonly (readonly number[])[];
  /** Replaces `ch`, 3 by default. */
  readonly channels?: number;
  /** For messages. */
  readonly fileName?: string;
}

/** More than any detector has; a file of a few bytes can ask for any number. */
const MAX = {
  ...{
    text: 2 ** 20,
    layers: 1000,
    repeats: 1000,
    classes: 100_000,
    channels: 1024,
    anchors: 1000,
    multiple: 100,
  },
  /** Limits of nested lists in arguments and of brackets in the text, whose parser takes quadratic time. */
  depth: 8,
  brackets: 100,
} as const;

const anchorRow = z
  .array(z.number())
  .min(2)
  .max(2 * MAX.anchors)
  .refine((row) => row.length % 2 === 0, 'needs pairs of width and height');
const layerRow = z.tuple(
  [
    z.union([z.int(), z.array(z.int()).min(1).max(MAX.layers)]),
    z.int().min(1).max(MAX.repeats),
    z.string(),
    z.array(z.unknown()),
  ],
  'needs [from, repeats, module, arguments]',
);
const schema = z.object({
  nc: z.int().min(1).max(MAX.classes),
  ch: z.int().min(1).max(MAX.channels).default(3),
  depth_multiple: z.number().positive().max(MAX.multiple).default(1),
  width_multiple: z.number().positive().max(MAX.multiple).default(1),
  activation: z.string().default('nn.SiLU()'),
  anchors: z
    .union([z.number().min(1), z.array(anchorRow).min(1)], 'needs rows of widths and heights, or a count')
    .optional(),
  backbone: z.array(layerRow).min(1).max(MAX.layers),
  head: z.array(layerRow).min(1).max(MAX.layers),
});

type Parsed = z.infer<typeof schema>;
type Path = readonly PropertyKey[];

/**
 * Reads an architecture from YAML text or from the object such a text stands for (as checkpoints hold it).
 * Throws a `ModelYamlError` with file and line on anything that doesn't fit the format.
 */
export function parseModelYaml(yaml: string | object, options: ParseOptions = {}): ModelSpec {
  const fileName = options.fileName ?? 'model.yaml';
  const { value, lineOf } =
    typeof yaml === 'string' ? readText(yaml, fileName) : { value: yaml, lineOf: noLine };
  const parsed = schema.safeParse({ ...value, ...overrides(options) }, IN_WORDS);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue.path.length ? `${formatPath(issue.path)}: ` : '';
    throw new ModelYamlError(`${where}${issue.message}`, { fileName, line: lineOf(issue.path) });
  }
  const layers = [
    ...rows(parsed.data, 'backbone', fileName, lineOf),
    ...rows(parsed.data, 'head', fileName, lineOf),
  ].map((row, index) => ({ index, ...row }));
  return {
    fileName,
    numClasses: parsed.data.nc,
    channels: parsed.data.ch,
    depthMultiple: parsed.data.depth_multiple,
    widthMultiple: parsed.data.width_multiple,
    activation: parsed.data.activation,
    anchors: toAnchors(parsed.data, layers, { fileName, line: lineOf(['anchors']) }),
    layers,
    source: parsed.data,
  };
}

const noLine = (_path: Path): number | undefined => undefined;

function readText(source: string, fileName: string) {
  const text = source.replace(/\r\n?/g, '\n');
  if (text.length > MAX.text)
    throw new ModelYamlError(`${text.length} characters; an architecture has at most ${MAX.text}`, {
      fileName,
    });
  if (nestsDeeper(text, MAX.brackets)) throw new ModelYamlError('nested too deep', { fileName });
  const lines = new LineCounter();
  const { document, value } = parseText(text, lines, fileName);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ModelYamlError('needs a mapping with nc, backbone and head', { fileName, line: 1 });
  }
  return { value, lineOf: (path: Path) => lineOfPath(document, lines, path) };
}

function parseText(
  text: string,
  lineCounter: LineCounter,
  fileName: string,
): { document: Document; value: unknown } {
  try {
    // Each pretty error searches the whole text: as many as a file can have would take minutes.
    const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
    const [error] = document.errors;
    if (!error) return { document, value: document.toJS() };
    throw new ModelYamlError(error.message, { fileName, line: lineCounter.linePos(error.pos[0]).line });
  } catch (error) {
    if (error instanceof ModelYamlError) throw error;
    // Nested too deep for the parser's stack, or more aliases than it follows.
    const reason = error instanceof RangeError ? 'nested too deep' : String((error as Error).message);
    throw new ModelYamlError(`can't be read: ${reason}`, { fileName });
  }
}

/** Whether brackets, or dashes of lists in one line, open deeper than `limit`. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > limit) return true;
  }
  return new RegExp(`(?:[-?:] +){${limit}}`).test(text);
}

/** Aliases can make a list contain itself. */
function checkDepth(value: unknown, left: number, place: { fileName: string; line?: number }): void {
  if (!Array.isArray(value)) return;
  if (left === 0) throw new ModelYamlError('an argument nests too deep, or contains itself', place);
  for (const item of value) checkDepth(item, left - 1, place);
}

/** Line of the value at `path`, or of the nearest thing around it that the document has. */
function lineOfPath(document: Document, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function formatPath(path: Path): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : String(key))).join('');
}

function overrides({ numClasses, anchors, channels }: ParseOptions): Record<string, unknown> {
  return {
    ...(numClasses === undefined ? {} : { nc: numClasses }),
    ...(anchors === undefined ? {} : { anchors }),
    ...(channels === undefined ? {} : { ch: channels }),
  };
}

function rows(
  parsed: Parsed,
  section: 'backbone' | 'head',
  fileName: string,
  lineOf: (path: Path) => number | undefined,
) {
  return parsed[section].map(([from, repeats, module, args], row) => ({
    from: typeof from === 'number' ? [from] : from,
    repeats,
    module,
    args: args.map((arg) => {
      checkDepth(arg, MAX.depth, { fileName, line: lineOf([section, row]) });
      return toLiteral(arg);
    }),
    section,
    line: lineOf([section, row]),
  }));
}

/** A count stands for anchors still to be found: placeholders (0, 1), (2, 3), … on every level the head reads. */
function toAnchors(
  { anchors }: Parsed,
  layers: readonly LayerSpec[],
  place: { fileName: string; line?: number },
): ModelSpec['anchors'] {
  if (anchors === undefined) return [];
  const levels = must(layers.at(-1), 'the last layer').from.length;
  if (typeof anchors === 'number') {
    return Array.from({ length: levels }, () =>
      Array.from({ length: Math.round(anchors) }, (_, i) => [2 * i, 2 * i + 1] as const),
    );
  }
  if (anchors.some((row) => row.length !== anchors[0].length)) {
    throw new ModelYamlError('anchors: every level needs the same number of anchors', place);
  }
  return anchors.map((row) =>
    Array.from({ length: row.length / 2 }, (_, i) => [row[2 * i], row[2 * i + 1]] as const),
  );
}
