/** The network as it is drawn, and what it costs to train parts of it. */
import { numel } from '@froyolo/common';
import { input } from '@froyolo/core';
import { type Hyperparameters, hypPresets } from '@froyolo/data';
import { planTrainingStep } from '@froyolo/run';
import { resolveSettings, SETTINGS } from '@froyolo/run/settings';
import { type Detector, freezeFor, roundedImgsz } from '@froyolo/yolo';
import type { TrainingChoice } from '../library/types.js';
import type { LayerShape, NetworkShape, PlanInfo } from './api.js';

/** Pictures of a batch when the largest that fits is not known yet. */
const PLANNED_BATCH = 16;

export function networkOf({ model }: Detector, imgsz: number): NetworkShape {
  const image = input('images', [1, model.spec.channels, imgsz, imgsz]);
  const { layers } = model.forward(image, { batchNorm: () => 'running' });
  const { backbone, neck } = model.sections;
  const sectionOf = (index: number): LayerShape['section'] =>
    backbone.includes(index) ? 'backbone' : neck.includes(index) ? 'neck' : 'head';
  return {
    deepest: model.sections.head[0] ?? 0,
    layers: model.layers.map(({ index, type, from, parameterCount }) => ({
      index,
      type: type.slice(type.lastIndexOf('.') + 1),
      section: sectionOf(index),
      from: from.map((source) => (source < 0 ? index + source : source)),
      parameters: parameterCount,
      ...outputOf(layers[index]?.shape),
    })),
  };
}

function outputOf(shape: readonly (number | string)[] | undefined): Partial<LayerShape> {
  const [, channels, height, width] = (shape ?? []).map(Number);
  if (channels === undefined || height === undefined || width === undefined) return {};
  return { channels, height, width };
}

/** Compares with nothing frozen. */
export class Plans {
  readonly #detector: Detector;
  readonly #seconds = new Map<string, number>();

  constructor(detector: Detector) {
    this.#detector = detector;
  }

  of(choice: TrainingChoice, freeze: string): PlanInfo {
    const policy = freezeFor(this.#detector, freeze.trim().split(/\s+/));
    const options = planOptions(this.#detector, choice);
    const { peakBytes, seconds, cached } = planTrainingStep(this.#detector, policy, options);
    const count = { trainable: 0, frozen: 0 };
    for (const { name, shape } of this.#detector.model.parameters)
      count[policy.frozen.has(name) ? 'frozen' : 'trainable'] += numel(shape);
    const whole = this.#wholeSeconds(options);
    return {
      ...count,
      layers: policy.layers,
      peakBytes,
      time: seconds / whole,
      ...(cached ? { cached: { peakBytes: cached.peakBytes, time: cached.seconds / whole } } : {}),
    };
  }

  #wholeSeconds(options: ReturnType<typeof planOptions>): number {
    const key = `${options.imgsz} ${options.batchSize} ${options.optimizer}`;
    const known = this.#seconds.get(key);
    if (known !== undefined) return known;
    const { seconds } = planTrainingStep(this.#detector, freezeFor(this.#detector, 0), options);
    this.#seconds.set(key, seconds);
    return seconds;
  }
}

function planOptions(detector: Detector, { imgsz, batchSize, more }: TrainingChoice) {
  const { optimizer } = resolveSettings(SETTINGS, 'page', more);
  return {
    hyp: PLANNED_HYP,
    imgsz: roundedImgsz(detector, imgsz),
    batchSize: batchSize < 1 ? PLANNED_BATCH : batchSize,
    optimizer,
  };
}

const PLANNED_HYP: Hyperparameters = hypPresets['scratch-low'];
