/** What a study was done with, as name and value. */

import type { StudyResults } from '../result-types.js';
import { formatMemory } from '../words.js';

export function recipeLines({ recipe, machine, arms }: StudyResults): [name: string, value: string][] {
  const { weights, cfg, data, epochs, imgsz, batchSize, freezeBn } = recipe;
  const { hyp, cache, optimizer } = recipe;
  const devices = [...new Set(arms.map(({ device }) => device).filter((device) => device !== ''))];
  const seeds = [...new Set(arms.map(({ seed }) => seed))];
  return [
    ['weights', weights === '' ? 'none (fresh values)' : weights],
    ...(cfg ? [['architecture', cfg] as [string, string]] : []),
    ['data', data],
    ['epochs', String(epochs)],
    ['image size', `${imgsz} px`],
    ['batch size', String(batchSize)],
    ['optimizer', optimizer],
    ['hyperparameters', typeof hyp === 'string' ? hyp : 'given as values'],
    ['batch normalization of frozen layers', freezeBn],
    ['cache', cache ?? 'none'],
    ['seeds', seeds.join(', ')],
    ['device', devices.join('; ')],
    [
      'machine',
      `${machine.cpu}, ${machine.cores} cores, ${formatMemory(machine.memory)}, ${machine.platform}, Node ${machine.node}`,
    ],
  ];
}
