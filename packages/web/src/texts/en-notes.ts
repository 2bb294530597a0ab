/** What a training tells of itself. */
import type { CodedNote } from '../library/run-note.js';
import { count } from './numbers.js';

type Of<C extends CodedNote['code']> = Extract<CodedNote, { readonly code: C }>;

export function note(told: CodedNote): string {
  switch (told.code) {
    case 'data':
      return `Trains on ${count(told.train, 'picture')}${withoutBoxes(told)}, validates on ${told.val}`;
    case 'none held out':
      return 'No labeled picture is held out: those trained on are validated on too';
    case 'transferred':
      return `${told.kept} of ${told.total} tensors are taken from the checkpoint`;
    case 'classes':
      return `The last layer keeps what it knows of boxes; classes start: ${told.classes.map(startOf).join(', ')}`;
    case 'unfreezing':
      return `After ${count(told.epochs, 'epoch')}: ${learning(told)}`;
    case 'unfrozen':
      return `From now on: ${learning(told)}`;
    case 'learning rate':
      return `Learning rate times ${told.factor}: ${count(told.tensors, 'tensor')}${told.layers ? ` of layers ${told.layers}` : ''}`;
    case 'features there':
      return `${told.there} of ${told.wanted} features are there from before`;
    case 'room for features':
      return `There is room for ${told.capacity} of ${told.wanted} features; the others are made anew each time`;
  }
}

const withoutBoxes = ({ withoutBoxes: n }: Of<'data'>) => (n > 0 ? ` (${n} of them without boxes)` : '');

const startOf = ({ name, from }: Of<'classes'>['classes'][number]) =>
  from === undefined ? `${name} fresh` : `${name} from ${from}`;

function learning({ layers, partly, outside, frozen, all }: Of<'unfrozen'> | Of<'unfreezing'>): string {
  const what = [
    ...(layers ? [`layers ${layers}`] : []),
    ...(partly ? [`parts of layers ${partly}`] : []),
    ...outside,
  ];
  const rest = frozen === 0 ? 'nothing is frozen any more' : `${frozen} of ${all} parameters stay frozen`;
  return `${what.join(', ')} learn too; ${rest}`;
}
