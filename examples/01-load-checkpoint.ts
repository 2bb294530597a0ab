/**
 * What is in a checkpoint (PyTorch's or our own), and the detector that it makes.
 *
 * node examples/01-load-checkpoint.ts yolov5n.pt
 */
import { fileURLToPath } from 'node:url';
import { numel } from '@froyolo/common';
import { formatLayerTable } from '@froyolo/model-yaml';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { type Detector, detectorFromCheckpoint } from '@froyolo/yolo';

/** Reads a checkpoint, or an official one by its name, prints what it holds and returns the detector. */
export async function main([weights = 'yolov5n.pt']: readonly string[]): Promise<Detector> {
  const file = await resolveWeights(weights, {
    onProgress: ({ received, total }) => console.log(`${received} of ${total} bytes`),
  });
  const checkpoint = await readCheckpointFile(file);
  const [name, tensor] = [...checkpoint.tensors][0];
  console.log(`${checkpoint.tensors.size} tensors; the first is ${name}, ${tensor.dtype} [${tensor.shape}]`);

  const detector = detectorFromCheckpoint(checkpoint);
  const { model, names, tensors } = detector;
  console.log(formatLayerTable(model));
  console.log(`${names.length} classes: ${names.slice(0, 5).join(', ')}, …`);

  const values = [...tensors.values()].reduce((sum, { shape }) => sum + numel(shape), 0);
  console.log(`${values} float values; strides ${model.strides.join(', ')} pixels`);
  return detector;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
