/** Limits of input files. Each is far above real data; beyond it, an error names the file. */
export const LIMITS = {
  /** Pixels of a decoded image: 8192 x 8192, 201 MB as RGB. */
  pixels: 2 ** 26,
  /** Bytes of an image file. */
  imageBytes: 2 ** 29,
  /** Bytes of a dataset or hyperparameter YAML. */
  yamlBytes: 2 ** 20,
  /** Depth of nested maps and lists in YAML, and of elements in XML. */
  depth: 64,
  /** Bytes of a label file. */
  labelBytes: 2 ** 25,
  /** Points of a polygon in a label file. */
  polygonPoints: 100_000,
  /** Bytes of a VOC annotation. */
  xmlBytes: 2 ** 24,
  /** Bytes of a COCO annotation file: COCO's own training set has 450 MB. */
  jsonBytes: 2 ** 29,
  /** Bytes of a list of images. */
  listBytes: 2 ** 28,
  /** Bytes of a table that a run or a study has written, and of its JSON. */
  resultsBytes: 2 ** 28,
  stateBytes: 2 ** 26,
  /** Files in a zip archive, and what they unpack to. */
  zipEntries: 500_000,
  zipBytes: 2 ** 31,
  /** Classes of a dataset. */
  classes: 100_000,
} as const;

/** Bytes as a limit is stated: `1 MiB`. */
export function mebibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 20).toPrecision(3))} MiB`;
}
