/** Flags of YOLOv5 that exist there and not here: each ends in a message that says why. */
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';

/** Why it isn't here, or what to do instead, by flag. */
export type UnavailableFlags = Readonly<Record<string, string>>;

const NO_LOGGING = 'there is no logging service; results.csv holds the figures';

export const UNAVAILABLE: Readonly<Record<string, UnavailableFlags>> = {
  train: {
    '--image-weights': 'images are drawn with equal weight',
    '--quad': 'batches are made of single images',
    '--evolve': 'hyperparameters come from --hyp',
    '--bucket': 'weights and data are local files',
    '--sync-bn': 'training runs in one process',
    '--local-rank': 'training runs in one process',
    '--entity': NO_LOGGING,
    '--upload-dataset': NO_LOGGING,
    '--bbox-interval': NO_LOGGING,
    '--artifact-alias': NO_LOGGING,
  },
  export: {
    '--keras': 'TensorFlow graphs are written without Keras',
    '--optimize': 'it optimizes TorchScript for phones: export pt, then run export.py of YOLOv5',
    '--workspace': 'it is a setting of TensorRT: pass it to trtexec',
    '--verbose': 'it is a setting of TensorRT: pass it to trtexec',
  },
  val: {
    '--dnn': 'onnxruntime computes ONNX models, on every device that it has',
  },
  detect: {
    '--update': 'checkpoints are read, never changed',
    '--dnn': 'onnxruntime computes ONNX models, on every device that it has',
  },
};

/** Accepts the flags, with or without values, so that using one isn't mistaken for a typing error. */
export function acceptUnavailable(command: Command, name: string): void {
  for (const flag of Object.keys(UNAVAILABLE[name] ?? {}))
    command.addOption(new Option(`${flag} [values...]`).hideHelp());
}

/** @throws UsageError for the first of the flags that is in use */
export function rejectUnavailable(command: Command, name: string): void {
  for (const [flag, advice] of Object.entries(UNAVAILABLE[name] ?? {})) {
    const option = command.options.find(({ long }) => long === flag);
    if (option && command.getOptionValue(option.attributeName()) !== undefined)
      throw new UsageError(`${flag} is not here: ${advice}`);
  }
}
