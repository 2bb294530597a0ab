/** YOLOv5 v7.0 checkpoints. */
import { buildModel, type Model, parseModelYaml } from '@froyolo/model-yaml';
import { type Checkpoint, fromJson, type PyValue, TorchWriter } from '@froyolo/weights';
import { ExportError } from '../errors.js';
import { detectionModel } from './detection-model.js';

/**
 * The `.pt` file of a finished detector: YOLOv5 v7.0 loads it for detection, validation, fine-tuning and export. Tensors keep
 * their precision.
 * @throws ExportError when the checkpoint has no architecture, or lacks one of its tensors
 */
export function writeTorchCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const writer = new TorchWriter();
  const { args, bestFitness, meta } = checkpoint;
  const entries: [string, PyValue][] = [
    ['epoch', -1],
    ['best_fitness', bestFitness === undefined ? null : { float: bestFitness }],
    ['model', detectionModel(writer, modelOf(checkpoint), withNames(checkpoint))],
    ['ema', null],
    ['updates', null],
    ['optimizer', null],
    ['opt', fromJson(args ?? {})],
    ['git', fromJson(meta?.git)],
    ['date', typeof meta?.date === 'string' ? meta.date : null],
  ];
  return writer.file(new Map<PyValue, PyValue>(entries));
}

/** The architecture of a checkpoint, with the anchors and classes of its tensors. */
function modelOf({ yaml, numClasses, anchors }: Checkpoint): Model {
  if (!yaml)
    throw new ExportError(
      'the weights have no architecture in them: name it with --cfg (cfg), such as yolov5s',
    );
  return buildModel(
    parseModelYaml(yaml, {
      ...(numClasses === undefined ? {} : { numClasses }),
      ...(anchors ? { anchors } : {}),
    }),
  );
}

function withNames(checkpoint: Checkpoint): Checkpoint {
  if (checkpoint.names) return checkpoint;
  const count = checkpoint.numClasses ?? modelOf(checkpoint).numClasses;
  return { ...checkpoint, names: Array.from({ length: count }, (_, i) => `class${i}`) };
}
