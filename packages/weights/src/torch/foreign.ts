/** Files that are no checkpoint of PyTorch, told from their first bytes or from what is in their archive. */
import { CheckpointError, DAMAGED } from '../errors.js';

interface Foreign {
  readonly what: string;
  readonly advice: string;
  /** @param bytes of the file's beginning @param text the same as Latin-1 */
  is(bytes: Uint8Array, text: string): boolean;
}

/** Bytes that tell a format. */
const HEAD = 512;

const RESAVE = 'Load it with PyTorch 1.6 or later and save it again with torch.save.';
const ORIGIN = 'Pass the .pt or .safetensors file that it was made of.';
const DOWNLOAD = 'Download the file itself.';
const YOLOV5 = 'Pass a checkpoint of YOLOv5, such as yolov5n.pt.';

const begins =
  (...start: readonly number[]) =>
  (bytes: Uint8Array) =>
    start.every((value, i) => bytes[i] === value);
const says = (pattern: RegExp) => (_: Uint8Array, text: string) => pattern.test(text);

const FILES: readonly Foreign[] = [
  { what: 'The file is empty', advice: DAMAGED, is: ({ length }) => length === 0 },
  {
    what: 'The checkpoint is in the legacy format of PyTorch before 1.6',
    advice: RESAVE,
    is: (bytes, text) => bytes[0] === 0x80 || text.slice(257, 262) === 'ustar',
  },
  {
    what: 'The file is a Git LFS pointer, not the checkpoint',
    advice: 'Fetch the file itself with "git lfs pull".',
    is: says(/^version https:\/\/git-lfs/),
  },
  {
    what: 'The file is a web page, not the checkpoint',
    advice: DOWNLOAD,
    is: says(/^\s*<(!doctype|html)/i),
  },
  {
    what: 'The file is a text (JSON or XML), as servers answer, not the checkpoint',
    advice: DOWNLOAD,
    is: says(/^\s*(<\?xml|\{\s*"|\[\s*[{["])/),
  },
  {
    what: 'The file is compressed by gzip',
    advice: 'Unpack it, and pass what is in it.',
    is: begins(0x1f, 0x8b),
  },
  { what: 'The file is of TensorFlow Lite', advice: ORIGIN, is: (_, text) => text.slice(4, 8) === 'TFL3' },
  {
    what: 'The file is an ONNX model',
    advice: 'Give it the ending .onnx, or pass the .pt or .safetensors file that it was made of.',
    is: (bytes, text) => bytes[0] === 8 && /pytorch|onnx|froyolo/i.test(text.slice(0, 60)),
  },
  { what: 'The file is HDF5, as Keras writes', advice: YOLOV5, is: says(/^\x89HDF\r\n/) },
  { what: 'The file is an array of NumPy', advice: YOLOV5, is: says(/^\x93NUMPY/) },
  {
    what: 'The file is an image',
    advice: YOLOV5,
    is: says(/^(\xff\xd8\xff|\x89PNG\r\n|GIF8|RIFF.{4}WEBP)/s),
  },
  {
    what: 'The file holds weights of Darknet (YOLOv2 to v4), another network than YOLOv5',
    advice: YOLOV5,
    is: (bytes) =>
      begins(0, 0, 0, 0)(bytes) && [1, 2].includes(bytes[4] ?? 0) && begins(0, 0, 0)(bytes.subarray(5)),
  },
];

/** The error for bytes that are no zip archive. */
export function foreignFile(bytes: Uint8Array): CheckpointError {
  const head = bytes.subarray(0, HEAD);
  const text = String.fromCharCode(...head);
  const { what, advice } = FILES.find(({ is }) => is(head, text)) ?? {
    what: 'The file is no PyTorch checkpoint (no zip archive)',
    advice: 'Pass a file that torch.save wrote.',
  };
  return new CheckpointError(what, 'byte 0', advice);
}

/** The error for a zip archive without a pickle. @param names of its files */
export function foreignArchive(names: readonly string[]): CheckpointError {
  const fail = (what: string, advice: string) => new CheckpointError(what, 'zip directory', advice);
  const checkpoint = names.find((name) => /\.(pt|pth|safetensors)$/i.test(name));
  if (checkpoint !== undefined)
    return fail(`The file is a zip archive with ${checkpoint} in it`, 'Unpack it, and pass that file.');
  if (names.some((name) => /(^|\/)saved_model\.pb$|\.h5$/.test(name)))
    return fail('The file is a model of TensorFlow', ORIGIN);
  if (names.some((name) => name.endsWith('.npy'))) return fail('The file holds arrays of NumPy', YOLOV5);
  return fail('The zip archive has no data.pkl', 'Pass a file that torch.save wrote.');
}
