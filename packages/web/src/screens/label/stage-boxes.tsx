/** The boxes over the picture: labels, the one that is being made, and what a detector suggests. */
import type { Corners, Picture } from '../../library/types.js';
import { textOn } from '../../player/contrast.js';
import { selected } from '../../state/labels.js';
import { project } from '../../state/project.js';
import { acceptOne, currentSuggestions } from '../../state/suggestions.js';
import { texts } from '../../texts/index.js';
import { HANDLES } from './boxes.js';
import { type MadeBox, view } from './stage-state.js';

export function StageBoxes({ picture, made }: { picture: Picture; made: MadeBox | undefined }) {
  return (
    <div class="boxes">
      {currentSuggestions.value.map((one) => (
        <div key={one.box.join()} class="stage-box suggestion" style={placed(one.box, colorOf(one.classId))}>
          <button
            type="button"
            class="tag"
            onClick={() => acceptOne(one)}
            style={tagged(colorOf(one.classId))}
          >
            {nameOf(one.classId)} {one.confidence.toFixed(2)} ✓
          </button>
        </div>
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

const colorOf = (classId: number) => project.value?.classes[classId]?.color ?? '#0b62bb';
const nameOf = (classId: number) => project.value?.classes[classId]?.name ?? texts.value.label.noClass;

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
