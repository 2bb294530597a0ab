/**
 * What a freeze does: to the list of parameters, and to the graph of a training step.
 *
 * node examples/02-freeze.ts 10
 */
import { fileURLToPath } from 'node:url';
import { summarize } from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { describeFreeze, parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { architectureYaml } from '@froyolo/model-yaml';
import { buildTrainingStep, createDetector } from '@froyolo/yolo';

/** Prints what `selectors` (as after `--freeze`) freeze in yolov5n; returns how many tensors are frozen. */
export function main(selectors: readonly string[]): number {
  const detector = createDetector(architectureYaml('yolov5n'), { names: ['cat', 'dog'], seed: 0 });
  const { parameters, sections } = detector.model;
  const freeze = resolveFreeze(parseFreeze(selectors), parameters, { freezeBn: 'eval', sections });
  for (const line of describeFreeze(freeze, parameters)) console.log(line);

  const nothing = resolveFreeze(parseFreeze(['0']), parameters);
  for (const [name, policy] of Object.entries({ 'nothing frozen': nothing, frozen: freeze })) {
    const { gradientGraph, initialState } = buildTrainingStep(detector, {
      freeze: policy,
      hyp: hypPresets['scratch-low'],
      imgsz: 320,
      batchSize: 16,
      optimizer: 'SGD',
    });
    const ops = [...summarize(gradientGraph).values()];
    const gflops = ops.reduce((sum, { flops }) => sum + flops, 0) / 1e9;
    const nodes = ops.reduce((sum, { count }) => sum + count, 0);
    console.log(
      `${name}: ${nodes} ops, ${gflops.toFixed(0)} GFLOPs, ${initialState.size} values on the device`,
    );
  }
  return freeze.frozen.size;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
