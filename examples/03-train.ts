/**
 * Fine-tunes a detector with frozen layers through the API under the command line.
 *
 * node examples/03-train.ts data.yaml yolov5n.pt 10
 */
import { fileURLToPath } from 'node:url';
import { hypPresets } from '@froyolo/data';
import { createTrainLoader, createValLoader, openDataset } from '@froyolo/data/node';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { createNodeExecutor } from '@froyolo/run/node';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { fineTuneFrom, type TrainResult, train } from '@froyolo/yolo';

const DEFAULTS = { epochs: 10, imgsz: 320, batchSize: 16, hyp: hypPresets['scratch-low'] };

/** Trains on the dataset of a YAML from a checkpoint; `selectors` are as after `--freeze`. */
export async function main(
  [data = '', weights = 'yolov5n.pt', ...selectors]: readonly string[],
  settings = DEFAULTS,
): Promise<TrainResult> {
  const [trainSet, valSet] = [await openDataset(data, 'train'), await openDataset(data, 'val')];
  const checkpoint = await readCheckpointFile(await resolveWeights(weights));
  // Tensors whose name and shape agree are taken over; another number of classes changes the last layer.
  const { detector, transferred } = fineTuneFrom(checkpoint, { names: trainSet.names, seed: 0 });
  console.log(`${transferred.kept} of ${transferred.total} tensors from ${weights}`);

  const { parameters, sections } = detector.model;
  const freeze = resolveFreeze(parseFreeze(selectors), parameters, { freezeBn: 'eval', sections });
  const loaders = {
    train: await createTrainLoader(trainSet, settings),
    val: await createValLoader(valSet, settings),
  };
  const result = await train({
    ...settings,
    ...loaders,
    detector,
    freeze,
    executor: await createNodeExecutor(),
    onEpoch: ({ epoch, losses, validation }) =>
      console.log(`epoch ${epoch + 1}: box ${losses.box.toFixed(4)}, mAP50 ${validation?.mAP50.toFixed(3)}`),
  });
  await Promise.all([loaders.train.close(), loaders.val.close()]);
  return result;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
