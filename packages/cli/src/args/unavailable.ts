/** Flags of YOLOv5 that exist there and not here: each ends in a message that says why. */
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';

/** Why it isn't here, or what to do instead, by flag. */
export type UnavailableFlags = Readonly<Record<string, string>>;

const NO_SERVICE =
  'it belongs to a logging service; --logger takes a module of yours that talks to such a service';

export const UNAVAILABLE: Readonly<Record<string, UnavailableFlags>> = {
  train: {
    '--bucket': 'nothing is uploaded; copy the folder of the run yourself',
    '--sync-bn': 'one process trains on one device, so there are no other statistics to share',
    '--local-rank': 'launchers of several processes set it, and one process trains',
    '--entity': NO_SERVICE,
    '--upload-dataset': NO_SERVICE,
    '--bbox-interval': NO_SERVICE,
    '--artifact-alias': NO_SERVICE,
  },
  export: {
    '--keras': 'TensorFlow graphs are written without Keras',
    '--inplace': 'it changes how PyTorch computes Detect and leaves no trace in an exported file',
    '--optimize': 'it optimizes TorchScript for phones: export pt, then run export.py of YOLOv5',
    '--workspace': 'it is a setting of TensorRT: pass it to trtexec',
    '--verbose': 'it is a setting of TensorRT: pass it to trtexec',
  },
  val: {
    '--dnn': 'onnxruntime runs ONNX files, on all its devices',
  },
  detect: {
    '--update': 'detect never changes a checkpoint',
    '--dnn': 'onnxruntime runs ONNX files, on all its devices',
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
