/** Augmented inference: the network looks at several views of the images, and their predictions are joined. */
import type { Executor, Program } from '@froyolo/core';
import type { Detector } from '../detector/detector.js';
import { strideOf } from '../detector/image-size.js';
import { DetectorError } from '../errors.js';
import { compileEnsemble } from './ensemble-program.js';
import { compileInference, type InferenceOptions } from './inference-graph.js';
import { VIEWS, viewOf, viewShape } from './views.js';

/**
 * A program as of `compileInference` whose predictions are those of all views.
 * @throws DetectorError for a family that can't join them, and for losses, which are of one view
 */
export async function compileAugmented(
  detector: Detector,
  executor: Executor,
  shape: readonly [height: number, width: number],
  options: InferenceOptions = {},
): Promise<Program> {
  const { family, model, members } = detector;
  if (members)
    return compileEnsemble(members, (member) => compileAugmented(member, executor, shape, options));
  const { joinViews } = family;
  if (detector.network?.size)
    throw new DetectorError(
      `${detector.network.file} takes images of one size, augmented inference needs several: export it with --dynamic`,
    );
  if (!joinViews) throw new DetectorError(`family ${family.name} has no augmented inference`);
  if (options.loss) throw new DetectorError('augmented inference has no losses');
  const stride = strideOf(detector);
  const programs: Program[] = [];
  for (const view of VIEWS) {
    const images = view.scale === 1 ? 'uint8' : 'float32';
    const ofView = viewShape(shape, view, stride);
    programs.push(await compileInference(detector, executor, ofView, { ...options, images }));
  }
  return {
    async run({ images }) {
      if (!images) throw new DetectorError('images are missing');
      const parts = [];
      for (const [i, view] of VIEWS.entries()) {
        const fed = view.scale === 1 ? images : viewOf(images, view, stride);
        const outputs = await programs[i]?.run({ images: fed });
        if (outputs?.predictions) parts.push({ ...view, predictions: outputs.predictions });
      }
      return { predictions: joinViews(parts, shape, model) };
    },
    async dispose() {
      for (const program of programs) await program.dispose();
    },
  };
}
