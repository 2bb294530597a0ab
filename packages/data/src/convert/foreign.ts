/** Formats of labeling tools that aren't read here: named, so that a user knows what to export instead. */

interface Foreign {
  readonly what: string;
  /** What such a text holds, all of them. */
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

/** Characters that are looked at: what tells a format stands at its beginning. */
const HEAD = 2 ** 16;

/** The end of a message about a text that can't be used: what it is and what to do instead; empty where that isn't known. */
export function foreignHint(text: string): string {
  const head = text.slice(0, HEAD);
  const found = FORMATS.find(({ has }) => has.every((pattern) => pattern.test(head)));
  return found ? `; it looks like ${found.what}: export COCO or Pascal VOC from the tool` : '';
}
