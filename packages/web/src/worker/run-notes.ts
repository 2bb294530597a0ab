/** What a training tells as it goes. */
import { scaledTensors, stageChange } from '@froyolo/freeze';
import type { FeaturesEvent, SetupEvent } from '@froyolo/run';
import type { Detector, StageEvent } from '@froyolo/yolo';
import type { RunNote } from '../library/run-note.js';

/** What was prepared. */
export function setupNotes(event: SetupEvent): RunNote[] {
  const { detector, stages, lrScales, transferred, classes, images, labels } = event;
  const { parameters } = detector.model;
  const withoutBoxes = labels.filter(({ length }) => length === 0).length;
  return [
    { code: 'data', ...images, withoutBoxes },
    ...(transferred ? [{ code: 'transferred', ...transferred } as const] : []),
    ...(classes ? [{ code: 'classes', classes } as const] : []),
    ...event.anchors,
    ...(event.freezeReason ? [event.freezeReason] : []),
    ...(event.batchReason ?? []),
    ...stages.slice(1).map(({ epoch, policy }, i) => {
      const change = stageChange(stages[i].policy, policy, parameters);
      return { code: 'unfreezing', epochs: epoch, ...change } as const;
    }),
    ...scaledTensors(lrScales, parameters).map((scaled) => ({ code: 'learning rate', ...scaled }) as const),
    ...event.warnings,
  ];
}

/** What learns from now on. */
export const stageNote = ({ before, freeze }: StageEvent, { model }: Detector): RunNote => ({
  code: 'unfrozen',
  ...stageChange(before, freeze, model.parameters),
});

/** What is kept of frozen layers. */
export const featureNotes = ({ there, wanted, capacity }: FeaturesEvent): RunNote[] => [
  ...(there > 0 ? [{ code: 'features there', there, wanted } as const] : []),
  ...(capacity < wanted ? [{ code: 'room for features', capacity, wanted } as const] : []),
];
