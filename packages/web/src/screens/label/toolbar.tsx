/** What can be done with the picture on the stage. */
import type { Picture } from '../../library/types.js';
import { canRedo, canUndo, change, current, redo, undo } from '../../state/labels.js';
import { accept, currentSuggestions } from '../../state/suggestions.js';
import { texts } from '../../texts/index.js';
import { copyToNext } from './commands.js';
import { goBy, listed } from './order.js';
import { fit, zoomAt } from './stage-state.js';

const ZOOM = 1.4;

export function Toolbar({ onHelp }: { onHelp: () => void }) {
  const { label: words } = texts.value;
  const picture = current.value;
  if (!picture) return null;
  const at = listed.value.findIndex(({ id }) => id === picture.id);
  const suggested = currentSuggestions.value.length;
  return (
    <div class="toolbar" role="toolbar" aria-label={words.tools}>
      <Tool label={words.previous} text="‹" onClick={() => goBy(-1)} />
      <span class="place">{words.place(at + 1, listed.value.length)}</span>
      <Tool label={words.nextPicture} text="›" onClick={() => goBy(1)} />
      <span class="gap" />
      <Tool label={words.undo} text="↶" disabled={!canUndo.value} onClick={undo} />
      <Tool label={words.redo} text="↷" disabled={!canRedo.value} onClick={redo} />
      <span class="gap" />
      <Tool label={words.zoomOut} text="−" onClick={() => zoomAt(1 / ZOOM)} />
      <Tool label={words.zoomIn} text="+" onClick={() => zoomAt(ZOOM)} />
      <Tool label={words.fit} text="⤢" onClick={fit} />
      <span class="gap" />
      <Tool label={words.copyToNext} text={words.copyShort} onClick={copyToNext} />
      {suggested > 0 && (
        <button
          type="button"
          class="accent"
          id="accept-picture"
          title={words.acceptHereTitle(suggested)}
          onClick={() => accept([picture])}
        >
          {words.acceptHere(suggested)}
        </button>
      )}
      <Done picture={picture} />
      <Tool label={words.help} text="?" onClick={onHelp} />
    </div>
  );
}

function Tool(props: { label: string; text: string; disabled?: boolean; onClick: () => void }) {
  const { label, text, disabled, onClick } = props;
  return (
    <button type="button" class="tool" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      {text}
    </button>
  );
}

/** Whether the labels are complete: without boxes the picture is background. */
function Done({ picture }: { picture: Picture }) {
  const { label: words } = texts.value;
  return (
    <label class="inline done-toggle">
      <input
        type="checkbox"
        checked={picture.done}
        onChange={({ currentTarget }) => change([{ ...picture, done: currentTarget.checked }])}
      />
      {picture.boxes.length === 0 ? words.nothingHere : words.done}
    </label>
  );
}
