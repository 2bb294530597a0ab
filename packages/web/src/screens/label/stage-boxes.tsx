/** The boxes over the picture: labels, the one that is being made, and what a detector suggests. */
import type { Corners, Picture } from '../../library/types.js';
import { textOn } from '../../player/contrast.js';
import { selected } from '../../state/labels.js';
import { project } from '../../state/project.js';
import type { Suggestion } from '../../state/sorted-suggestions.js';
import { acceptOne, currentFaint, currentSuggestions } from '../../state/suggestions.js';
import { texts } from '../../texts/index.js';
import { HANDLES } from './boxes.js';
import { type MadeBox, pointed, view } from './stage-state.js';

export function StageBoxes({ picture, made }: { picture: Picture; made: MadeBox | undefined }) {
  return (
    <div class="boxes">
      {currentFaint.value.map((one) => (
        <FaintBox key={one.box.join()} suggestion={one} />
      ))}
      {currentSuggestions.value.map((one) => (
        <SureBox key={one.box.join()} suggestion={one} />
      ))}
      {picture.boxes.map(({ classId, box }, i) => (
        <StageBox
          key={i}
          box={made?.index === i ? made.box : box}
          classId={classId}
          isSelected={selected.value === i}
        />
      ))}
      {made && made.index === undefined && (
        <StageBox box={made.box} classId={made.classId} isSelected={false} />
      )}
    </div>
  );
}

function SureBox({ suggestion }: { suggestion: Suggestion }) {
  const color = colorOf(suggestion.classId);
  return (
    <div
      class={`stage-box suggestion ${pointed.value === suggestion ? 'pointed' : ''}`}
      style={placed(suggestion.box, color)}
    >
      <button type="button" class="tag" onClick={() => acceptOne(suggestion)} style={tagged(color)}>
        {wordsOf(suggestion)}
      </button>
    </div>
  );
}

/** Has no words until it is pointed at: there may be many, and a person draws among them. */
function FaintBox({ suggestion }: { suggestion: Suggestion }) {
  const isPointed = pointed.value === suggestion;
  const color = colorOf(suggestion.classId);
  return (
    <div
      class={`stage-box suggestion ${isPointed ? 'pointed' : 'faint'}`}
      style={placed(suggestion.box, color)}
    >
      {isPointed && (
        <span class="tag" style={tagged(color)}>
          {wordsOf(suggestion)}
        </span>
      )}
    </div>
  );
}

const wordsOf = ({ classId, confidence }: Suggestion) => `${nameOf(classId)} ${confidence.toFixed(2)} ✓`;

const colorOf = (classId: number) => project.value?.classes[classId]?.color ?? '#0b62bb';
/** Name of a class of the project. */
export const nameOf = (classId: number) => project.value?.classes[classId]?.name ?? texts.value.label.noClass;

function StageBox({ box, classId, isSelected }: { box: Corners; classId: number; isSelected: boolean }) {
  const color = colorOf(classId);
  return (
    <div class={`stage-box ${isSelected ? 'selected' : ''}`} style={placed(box, color)} data-class={classId}>
      <span class="tag" style={tagged(color)}>
        {nameOf(classId)}
      </span>
      {isSelected &&
        HANDLES.map(({ x, y }) => (
          <i
            key={`${x} ${y}`}
            class="handle"
            style={{ left: `${50 * (1 + x)}%`, top: `${50 * (1 + y)}%`, background: color }}
          />
        ))}
    </div>
  );
}

const tagged = (color: string) => ({ background: color, color: textOn(color) });

function placed([x1, y1, x2, y2]: Corners, color: string) {
  const { scale, x, y } = view.value;
  return {
    left: `${x1 * scale + x}px`,
    top: `${y1 * scale + y}px`,
    width: `${(x2 - x1) * scale}px`,
    height: `${(y2 - y1) * scale}px`,
    borderColor: color,
    '--fill': `${color}22`,
  };
}
