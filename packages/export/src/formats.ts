/** Formats that `--include` names, and what to do for those that YOLOv5 writes and this doesn't. */
import { ExportError } from './errors.js';

export const FORMATS = {
  pt: 'PyTorch checkpoint that YOLOv5 v7.0 loads',
  state_dict: "PyTorch's bare state dict",
  safetensors: 'weights under their PyTorch names',
  onnx: 'ONNX',
  saved_model: 'TensorFlow SavedModel',
  pb: 'TensorFlow frozen graph',
  tfjs: 'TensorFlow.js graph model',
} as const;

export type Format = keyof typeof FORMATS;

const FROM_PT = (target: string) =>
  `export with --include pt, then run YOLOv5's "python export.py --weights FILE.pt --include ${target}"`;

/** Keyed by YOLOv5's name of the format. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  torchscript: FROM_PT('torchscript'),
  coreml: FROM_PT('coreml'),
  paddle: FROM_PT('paddle'),
  tflite: FROM_PT('tflite'),
  edgetpu: FROM_PT('edgetpu'),
  openvino: 'export with --include onnx, then run "ovc FILE.onnx" (OpenVINO also reads the ONNX file itself)',
  engine:
    'export with --include onnx, then run "trtexec --onnx=FILE.onnx --saveEngine=FILE.engine" on the machine that will use it',
};

/**
 * Formats by name, also with commas between.
 * @throws ExportError for one that isn't written, with the way there
 */
export function formatsIn(include: readonly string[]): Format[] {
  const names = include.flatMap((one) => one.split(',')).filter((name) => name !== '');
  return names.map(checkFormat);
}

function checkFormat(name: string): Format {
  if (Object.hasOwn(FORMATS, name)) return name as Format;
  const way = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (way) throw new ExportError(`"${name}" is not written here: ${way}`);
  throw new ExportError(
    `"${name}" is no format: choose from ${[...Object.keys(FORMATS), ...Object.keys(ELSEWHERE)].join(', ')}`,
  );
}
