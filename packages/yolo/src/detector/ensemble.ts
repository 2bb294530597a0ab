/** Several detectors as one: suppression keeps the best predictions of all. */
import { DetectorError } from '../errors.js';
import type { Detector } from './detector.js';
import { strideOf } from './image-size.js';

/** A detector with its name in messages. */
export interface NamedDetector {
  readonly file: string;
  readonly detector: Detector;
}

/**
 * Joins detectors of the same classes into one that detects and is validated, nothing else. Classes are called as the
 * first one calls them; image sizes are those that every member takes.
 * @throws DetectorError for members of another family, or with another number of classes
 */
export function ensembleOf(
  members: readonly NamedDetector[],
  onWarning?: (warning: string) => void,
): Detector {
  const [first, ...others] = members;
  if (!first) throw new DetectorError('an ensemble needs a detector');
  for (const other of others) checkClasses(first, other, onWarning);
  const detectors = members.map(({ detector }) => detector);
  const coarsest = detectors.reduce((a, b) => (strideOf(b) > strideOf(a) ? b : a));
  const { family, names } = first.detector;
  return { family, names, model: coarsest.model, tensors: coarsest.tensors, members: detectors };
}

function checkClasses(first: NamedDetector, other: NamedDetector, warn?: (warning: string) => void): void {
  const [own, others] = [first.detector, other.detector];
  if (own.family.name !== others.family.name)
    throw new DetectorError(
      `${other.file} is of the family ${others.family.name}, ${first.file} of ${own.family.name}`,
    );
  if (own.names.length !== others.names.length)
    throw new DetectorError(
      `${other.file} detects ${others.names.length} classes, ${first.file} ${own.names.length}: an ensemble needs the same`,
    );
  const differing = own.names.findIndex((name, i) => name !== others.names[i]);
  if (differing >= 0)
    warn?.(
      `class ${differing} is ${own.names[differing]} in ${first.file}, ${others.names[differing]} in ${other.file}: ` +
        'the first names count',
    );
}
