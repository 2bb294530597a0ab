/** The graph of a training step, to look at. */
import { type Graph, type OpTime, type PassTrace, packValues, tracePasses } from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { type OptionsOf, resolveSettings, SETTINGS, type SettingsOf } from '@froyolo/run/settings';
import {
  boundGradientGraph,
  buildTrainingStep,
  type Detector,
  stepFeeds,
  syntheticBatch,
} from '@froyolo/yolo';
import { fitImageSize } from './image-size.js';
import { type DeviceEvents, withDevice } from './opened-detector.js';
import { plannedDetector } from './planned-detector.js';

export type GraphOptions = OptionsOf<typeof SETTINGS, 'graph'>;
type Settings = SettingsOf<typeof SETTINGS, 'graph'>;

export interface StepGraph {
  /** Forward, loss and gradients, before any pass. */
  readonly graph: Graph;
  /** What each pass makes of it, in order; the last is what runs. */
  readonly passes: readonly PassTrace[];
  /** Sizes that the graph leaves open. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Runs the step twice on the device of the settings; undefined on devices that can't tell the time of an op. */
  measure(): Promise<readonly OpTime[] | undefined>;
}

/**
 * Builds the graph of a training step and runs the passes over it, nothing else.
 * @throws FroyoloError for settings, weights or an architecture that can't be used
 */
export async function stepGraph(options: GraphOptions, events: DeviceEvents = {}): Promise<StepGraph> {
  const settings = resolveSettings(SETTINGS, 'graph', options);
  const detector = await plannedDetector(settings, events);
  const step = stepOptions(settings, detector, events);
  const graph = boundGradientGraph(detector, step);
  return {
    graph,
    passes: tracePasses(graph),
    sizes: { batch: settings.batchSize },
    measure: () => measure(detector, step, settings, events),
  };
}

function stepOptions(settings: Settings, detector: Detector, events: DeviceEvents) {
  const { parameters, sections } = detector.model;
  const { freeze, freezeBn, optimizer } = settings;
  return {
    freeze: resolveFreeze(parseFreeze(freeze), parameters, { freezeBn, sections }),
    hyp: hypPresets['scratch-low'],
    imgsz: fitImageSize(settings.imgsz, detector, events.onWarning),
    optimizer,
  };
}

function measure(
  detector: Detector,
  options: ReturnType<typeof stepOptions>,
  settings: Settings,
  events: DeviceEvents,
): Promise<readonly OpTime[] | undefined> {
  return withDevice(settings, events, async ({ executor }) => {
    const { gradientGraph, vectors, initialState } = buildTrainingStep(detector, options);
    const batch = syntheticBatch(settings.batchSize, options.imgsz, detector.names.length);
    const store = await executor.createStore(packValues(vectors, initialState));
    return executor.profile?.(gradientGraph, stepFeeds(batch, detector, options), store);
  });
}
