/** Which pictures are trained on and which are held out, and whether the current one stays. */
import { useState } from 'preact/hooks';
import { Confirm } from '../../parts/dialog.js';
import { change, current } from '../../state/labels.js';
import { showError } from '../../state/messages.js';
import { removePictures } from '../../state/opening.js';
import { pictures } from '../../state/project.js';
import { texts } from '../../texts/index.js';

export function SplitPanel() {
  const { split: words } = texts.value;
  const picture = current.value;
  const [isRemoved, setRemoved] = useState(false);
  const held = pictures.value.filter(({ split }) => split === 'val').length;
  if (!picture) return null;
  return (
    <section class="panel" aria-labelledby="split-title">
      <h2 id="split-title">{words.title}</h2>
      <p class="hint">{words.facts(pictures.value.length - held, held)}</p>
      <label class="inline">
        <input
          type="checkbox"
          id="held-out"
          checked={picture.split === 'val'}
          onChange={({ currentTarget }) =>
            change([{ ...picture, split: currentTarget.checked ? 'val' : 'train' }])
          }
        />
        {words.heldOut}
      </label>
      <label class="field">
        {words.every}
        <select value="" onChange={({ currentTarget }) => holdOut(Number(currentTarget.value))}>
          <option value="">…</option>
          {[3, 4, 5, 10].map((n) => (
            <option key={n} value={n}>
              {words.nth(n)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="small danger" onClick={() => setRemoved(true)}>
        {words.remove}
      </button>
      {isRemoved && (
        <Confirm
          title={words.removeTitle}
          text={words.removeText}
          action={words.remove}
          onConfirm={() => removePictures([picture]).catch(showError)}
          onClose={() => setRemoved(false)}
        />
      )}
    </section>
  );
}

/** Holds out one of so many labeled pictures, and of the others. */
function holdOut(every: number): void {
  if (!every) return;
  const { value } = pictures;
  const groups = [value.filter(({ done }) => done), value.filter(({ done }) => !done)];
  const after = groups.flatMap((group) =>
    group.map((picture, i) => ({ ...picture, split: i % every === every - 1 ? 'val' : 'train' }) as const),
  );
  change(after.filter((picture, i) => groups.flat()[i]?.split !== picture.split));
}
