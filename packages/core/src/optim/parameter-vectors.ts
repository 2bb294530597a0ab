/** Vectors of parameters. */
import type { FilterOrder } from '../executors/executor.js';
import { type FlatVector, flatVector } from './flat.js';
import type { Parameter } from './update.js';

/** A vector, and how all its parameters are updated. */
export interface ParameterVector extends Omit<Parameter, 'name' | 'shape'> {
  readonly vector: FlatVector;
}

/**
 * A vector for all parameters that are updated alike.
 * @param filters how filters lie in them
 */
export function parameterVectors(parameters: readonly Parameter[], filters?: FilterOrder): ParameterVector[] {
  const byGroup = new Map<string, Parameter[]>();
  for (const parameter of parameters) {
    const name = vectorName(parameter);
    byGroup.set(name, [...(byGroup.get(name) ?? []), parameter]);
  }
  return [...byGroup].map(([name, members]) => {
    const { name: _, shape: __, ...alike } = members[0];
    return { vector: flatVector(name, members, filters), ...alike };
  });
}

function vectorName({ group, lrScale, cohort }: Parameter): string {
  const scaled = lrScale === undefined ? '' : `*${lrScale}`;
  const joined = cohort === undefined ? '' : `@${cohort}`;
  return `group.${group}${scaled}${joined}`;
}
