/** YOLOv5 v7.0 checkpoints. */
import { buildModel, type Model, parseModelYaml } from '@froyolo/model-yaml';
import { type Checkpoint, fromJson, type PyValue, TorchWriter } from '@froyolo/weights';
import { ExportError } from '../errors.js';
import { detectionModel } from './detection-model.js';
import { optimizerState } from './optimizer-state.js';

/**
 * The `.pt` file of a detector: YOLOv5 v7.0 loads it for detection, validation, fine-tuning and export, and continues one
 * of an unfinished run (`groups`, `optimizer`). Tensors keep their precision.
 * @throws ExportError when the checkpoint has no architecture, or lacks one of its tensors
 */
export function writeTorchCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const writer = new TorchWriter();
  const { args, bestFitness, meta } = checkpoint;
  const entries: [string, PyValue][] = [
    ['best_fitness', bestFitness === undefined ? null : { float: bestFitness }],
    ...stateEntries(writer, withNames(checkpoint)),
    ['opt', fromJson(args ?? {})],
    ['git', fromJson(meta?.git)],
    ['date', typeof meta?.date === 'string' ? meta.date : null],
  ];
  return writer.file(new Map<PyValue, PyValue>(entries));
}

/** A finished detector is the model; of an unfinished run it is the averages, beside what is trained. */
function stateEntries(writer: TorchWriter, checkpoint: Checkpoint): [string, PyValue][] {
  const { epoch = -1, groups, optimizer, tensors } = checkpoint;
  const model = modelOf(checkpoint);
  const raw = groups?.raw;
  if (!raw || epoch < 0)
    return [
      ['epoch', -1],
      ['model', detectionModel(writer, model, checkpoint)],
      ['ema', null],
      ['updates', null],
      ['optimizer', null],
    ];
  const trained = { ...checkpoint, tensors: new Map([...tensors, ...raw]) };
  return [
    ['epoch', epoch],
    ['model', detectionModel(writer, model, trained)],
    ['ema', detectionModel(writer, model, checkpoint)],
    ['updates', optimizer?.step ?? 0],
    ['optimizer', optimizerState(writer, model, checkpoint)],
  ];
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
