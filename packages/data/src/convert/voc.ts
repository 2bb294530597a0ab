/** Pascal VOC annotations as text: an XML file for each image. */
import { reasonOf } from '@froyolo/errors';
import { XMLParser } from 'fast-xml-parser';
import { LabelError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { isGarbled } from '../text.js';
import type { AnnotatedImage, AnnotatedObject } from './annotated.js';
import { foreignHint } from './foreign.js';
import type { ConversionLog } from './log.js';

/** An annotation; its image is still to be found. */
export interface VocAnnotation extends Omit<AnnotatedImage, 'path' | 'where'> {
  /** The name of the image in the file, where it states one. */
  readonly filename: string | undefined;
}

type Element = Readonly<Record<string, unknown>>;

// Decodes standard entities here; those that a document defines itself stay undecoded.
const parser = new XMLParser({
  isArray: (_name, path) => path === 'annotation.object',
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: LIMITS.depth,
});

/**
 * Reads an annotation. An object without a name or box of its own, or marked difficult, is left out and logged. VOC counts
 * pixels from 1; edges count from 0.
 * @throws LabelError when the text is no VOC annotation
 */
export function readVoc(text: string, file: string, log: ConversionLog): VocAnnotation {
  const root = elementOf(parse(text, file))?.annotation;
  const annotation = root === '' ? {} : elementOf(root);
  if (!annotation)
    throw new LabelError(
      file,
      undefined,
      `not a Pascal VOC annotation: no <annotation> element${foreignHint(text)}`,
    );
  const size = elementOf(annotation.size);
  const list: unknown = annotation.object ?? [];
  const objects = (Array.isArray(list) ? list : []).flatMap(
    (value, index) => readObject(elementOf(value) ?? {}, `${file}: object ${index + 1}`, log) ?? [],
  );
  return {
    filename: textOf(annotation.filename),
    stated: { width: numberOf(size?.width) ?? 0, height: numberOf(size?.height) ?? 0 },
    objects,
  };
}

function parse(text: string, file: string): unknown {
  try {
    return parser.parse(text, true);
  } catch (error) {
    throw new LabelError(file, undefined, `can't be read as XML: ${xmlReason(reasonOf(error))}`);
  }
}

/** Rewords the parser's errors: they list open elements as JSON, and a place that may be undefined. */
function xmlReason(message: string): string {
  if (message.startsWith("Invalid '[")) return 'it ends in the middle of its elements';
  return message.replace(/:\d+:undefined$/, '');
}

function readObject(object: Element, place: string, log: ConversionLog): AnnotatedObject | undefined {
  const name = textOf(object.name);
  if (!name) {
    log.leaveOut(
      'noName',
      place,
      name === undefined ? 'its <name> holds no plain text' : 'its <name> is empty',
    );
    return undefined;
  }
  if (isGarbled(name)) {
    const advice = 'save it as UTF-8, or name its encoding in the first line';
    log.leaveOut('noName', place, `its <name> holds bytes that are not of the file's encoding: ${advice}`);
    return undefined;
  }
  const [entity] = /&[a-z_][\w.-]*;/i.exec(name) ?? [];
  if (entity !== undefined)
    log.note(place, `its <name> holds ${entity}, which XML doesn't know: it stays as it is`);
  if (['1', 'true'].includes(textOf(object.difficult)?.toLowerCase() ?? '')) {
    log.leaveOut('difficult', place, 'is marked difficult');
    return undefined;
  }
  const box = elementOf(object.bndbox);
  const values = ['xmin', 'ymin', 'xmax', 'ymax'].map((edge) => numberOf(box?.[edge]));
  const [x1, y1, x2, y2] = values;
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) {
    log.leaveOut('noBox', place, `${name}: ${boxProblem(object)}`);
    return undefined;
  }
  const edges = { x1: x1 - 1, y1: y1 - 1, x2: x2 - 1, y2: y2 - 1 };
  return { name, edges, describe: `${name} box ${values.join(',')}` };
}

function boxProblem({ bndbox, robndbox }: Element): string {
  if (elementOf(bndbox)) return 'its <bndbox> lacks a number for one of xmin, ymin, xmax, ymax';
  if (Array.isArray(bndbox)) return `it has ${bndbox.length} <bndbox> elements`;
  return robndbox === undefined ? 'its <bndbox> is missing' : 'its box is rotated (<robndbox>)';
}

function elementOf(value: unknown): Element | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** The text of an element; undefined if it is missing or contains other elements. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? decodeEntities(value).trim() : undefined;
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  const number = text ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes XML's five entities and numeric references, decimal or hexadecimal. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
