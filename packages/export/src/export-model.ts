/** Detectors as files of other programs. */
import { type Checkpoint, writeSafetensors, writeStateDict } from '@froyolo/weights';
import { checkpointOf, type Detector, detectorFromCheckpoint } from '@froyolo/yolo';
import { ExportError } from './errors.js';
import { type Format, formatsIn } from './formats.js';
import { type CalibrationOptions, quantizeOnnx } from './onnx/quantize.js';
import { type OnnxOptions, writeOnnx } from './onnx/write.js';
import { writeGraphModel } from './tensorflow/graph-model.js';
import { writeFrozenGraph, writeSavedModel } from './tensorflow/saved-model.js';
import { writeTorchCheckpoint } from './torch/checkpoint.js';

export interface ExportOptions extends OnnxOptions {
  /** Formats by YOLOv5's names, see `FORMATS`. */
  readonly include: readonly string[];
  /**
   * 8 bits: in ONNX weights and activations, which are measured on the images given; in TensorFlow.js the weights in the
   * files, for which `true` is enough.
   */
  readonly int8?: CalibrationOptions | boolean | undefined;
  /** Beginning of the files' names. Default `model`. */
  readonly name?: string;
}

/** A file of an export. */
export interface ExportedFile {
  readonly format: Format;
  /** Relative, with `/` between folders. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of a detector in other formats.
 * @param source a checkpoint keeps its tensors bit for bit; a detector is written as finished ones are saved: float16
 * @throws ExportError for a format that is not written and for options that don't go together
 */
export async function exportModel(
  source: Detector | Checkpoint,
  options: ExportOptions,
): Promise<ExportedFile[]> {
  const formats = formatsIn(options.include);
  if (options.int8 && options.half)
    throw new ExportError("8 bits and half precision don't go together: choose one");
  const files: ExportedFile[] = [];
  for (const format of formats) files.push(...(await write(format, source, options)));
  return files;
}

const isDetector = (source: Detector | Checkpoint): source is Detector => 'model' in source;

type Files = readonly Omit<ExportedFile, 'format'>[];
type Writer = (source: Detector | Checkpoint, options: ExportOptions) => Promise<Files>;

const WRITERS: Readonly<Record<Format, Writer>> = {
  pt: async (source, options) => [
    { path: `${stem(options)}.pt`, bytes: writeTorchCheckpoint(asCheckpoint(source)) },
  ],
  state_dict: async (source, options) => [
    { path: `${stem(options)}_state_dict.pt`, bytes: writeStateDict(asCheckpoint(source).tensors) },
  ],
  safetensors: async (source, options) => [
    {
      path: `${stem(options)}_weights.safetensors`,
      bytes: writeSafetensors(asCheckpoint(source).tensors, { format: 'pt' }),
    },
  ],
  onnx: async (source, options) => {
    const bytes = writeOnnx(asDetector(source), options);
    if (!options.int8) return [{ path: `${stem(options)}.onnx`, bytes }];
    if (options.int8 === true) throw new ExportError('8 bits of ONNX are measured on images: none are given');
    return [{ path: `${stem(options)}-int8.onnx`, bytes: await quantizeOnnx(bytes, options.int8) }];
  },
  saved_model: async (source, options) => [
    {
      path: `${stem(options)}_saved_model/saved_model.pb`,
      bytes: await writeSavedModel(asDetector(source), floatOptions(options)),
    },
  ],
  pb: async (source, options) => [
    { path: `${stem(options)}.pb`, bytes: await writeFrozenGraph(asDetector(source), floatOptions(options)) },
  ],
  tfjs: async (source, { int8, ...options }) => {
    const files = await writeGraphModel(asDetector(source), { ...options, int8: Boolean(int8) });
    return files.map(({ name, bytes }) => ({ path: `${stem(options)}_web_model/${name}`, bytes }));
  },
};

/** Options of formats that hold floats alone. */
function floatOptions(options: ExportOptions): ExportOptions {
  if (options.int8)
    throw new ExportError(
      '8 bits are for ONNX and TensorFlow.js: leave them out for other files of TensorFlow',
    );
  return options;
}

const stem = ({ name = 'model' }: Pick<ExportOptions, 'name'>) => name;

async function write(
  format: Format,
  source: Detector | Checkpoint,
  options: ExportOptions,
): Promise<ExportedFile[]> {
  const files = await WRITERS[format](source, options);
  return files.map((file) => ({ format, ...file }));
}

const asCheckpoint = (source: Detector | Checkpoint) => (isDetector(source) ? checkpointOf(source) : source);

const asDetector = (source: Detector | Checkpoint) =>
  isDetector(source) ? source : detectorFromCheckpoint(source);
