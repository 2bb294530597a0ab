/** Formats of labeling tools that aren't read here: named, so that a user knows what to export instead. */

interface Foreign {
  readonly what: string;
  /** Strings that such a file contains, all of them. */
  readonly has: readonly RegExp[];
}

const FORMATS: readonly Foreign[] = [
  { what: "CVAT's own XML", has: [/<annotations[\s>]/, /<(image|track)\s/] },
  { what: "LabelMe's JSON", has: [/"shapes"\s*:/, /"imagePath"\s*:/] },
  { what: "Label Studio's own JSON", has: [/"(from_name|(rectangle|polygon|brush|keypoint)labels)"/] },
  { what: 'JSON of the VGG Image Annotator', has: [/"shape_attributes"\s*:/] },
  { what: "CreateML's JSON", has: [/"coordinates"\s*:/, /"label"\s*:/] },
  { what: "Labelbox's own JSON", has: [/"(data_row|Labeled Data)"\s*:/] },
  { what: "Supervisely's JSON", has: [/"classTitle"\s*:/] },
  {
    what: 'a list of detections, without the images that they are on',
    has: [/"image_id"\s*:/, /"score"\s*:/],
  },
];

/** Number of characters examined: a format shows at the beginning of a file. */
const HEAD = 2 ** 16;

/** Completes a message about an unusable file: what it is and what to do instead; empty if unknown. */
export function foreignHint(text: string): string {
  const head = text.slice(0, HEAD);
  const found = FORMATS.find(({ has }) => has.every((pattern) => pattern.test(head)));
  return found ? `; it looks like ${found.what}: export COCO or Pascal VOC from the tool` : '';
}
