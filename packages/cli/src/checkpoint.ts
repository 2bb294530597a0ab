/** Detectors and models as the flags of a command name them. */
import { loadDatasetConfig } from '@froyolo/data/node';
import { buildModel, type Model, parseModelYaml } from '@froyolo/model-yaml';
import { loadArchitecture, loadDetector } from '@froyolo/run/node';
import type { Detector } from '@froyolo/yolo';
import { commonEvents } from './common-events.js';
import type { Terminal } from './output/terminal.js';

/** Reads a checkpoint; downloads an official one that is missing, and shows the progress. */
function loadWeights(weights: string, terminal: Terminal, signal: AbortSignal): Promise<Detector> {
  return loadDetector(weights, commonEvents({ terminal, signal }, weights));
}

/** The model of the named architecture, or else of the weights. */
export async function loadModel(
  { weights, cfg, data }: { readonly weights: string; readonly cfg?: string; readonly data?: string },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Model> {
  if (cfg === undefined) return (await loadWeights(weights, terminal, signal)).model;
  const { text, fileName } = await loadArchitecture(cfg);
  const classes = data === undefined ? {} : { numClasses: (await loadDatasetConfig(data)).names.length };
  return buildModel(parseModelYaml(text, { fileName, ...classes }));
}
