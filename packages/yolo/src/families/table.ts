/** The families there are. */
import { type ModelSpec, ModelYamlError } from '@froyolo/model-yaml';
import type { Checkpoint } from '@froyolo/weights';
import { DetectorError } from '../errors.js';
import type { Architecture, Family } from '../family.js';
import { yolov5 } from './yolov5/yolov5.js';

const FAMILIES = new Map<string, Family>([[yolov5.name, yolov5]]);

/** Outputs of the graphs that terms of a loss stand beside. */
const RESERVED = ['loss', 'predictions'];

/**
 * Makes a family known, so that architectures with its head and checkpoints with its name are detectors of it. The last
 * one registered under a name counts.
 * @throws DetectorError when a term of its loss has the name of another output
 */
export function registerFamily(family: Family): void {
  const clash = family.lossTerms.find((term) => RESERVED.includes(term));
  if (clash) throw new DetectorError(`family ${family.name}: a loss term can't be called "${clash}"`);
  FAMILIES.set(family.name, family);
}

/** @throws DetectorError when no family of that name is registered */
export function familyNamed(name: string): Family {
  const family = FAMILIES.get(name);
  if (family) return family;
  const known = [...FAMILIES.keys()].join(', ');
  throw new DetectorError(
    `there is no family "${name}" of detectors (there are: ${known}): make it known with registerFamily first`,
  );
}

/** The architecture that bare tensors are of, of whatever family. */
export function recognize(tensors: Checkpoint['tensors']): Architecture | undefined {
  for (const family of FAMILIES.values()) {
    const architecture = family.recognize?.(tensors);
    if (architecture) return architecture;
  }
  return undefined;
}

/**
 * The family whose head ends an architecture.
 * @throws ModelYamlError with file and line when no registered family has such a head
 */
export function familyOf({ layers, fileName }: ModelSpec): Family {
  const last = layers.at(-1);
  const families = [...FAMILIES.values()];
  const family = families.find(({ head }) => head.name === last?.module);
  if (family) return family;
  const heads = families.map(({ head }) => head.name).join(' or ');
  throw new ModelYamlError(`layer ${last?.index} (${last?.module}): ${heads} has to be the last layer`, {
    fileName,
    ...(last?.line === undefined ? {} : { line: last.line }),
  });
}
