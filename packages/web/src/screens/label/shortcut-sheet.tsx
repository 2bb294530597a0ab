import { Dialog } from '../../parts/dialog.js';
import { texts } from '../../texts/index.js';
import { areKeysOn, turnKeys } from './keys.js';

/** All shortcuts of the label screen. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { shortcuts: words } = texts.value;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <dl class="shortcuts">
        {words.list.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="inline">
        <input
          type="checkbox"
          checked={areKeysOn.value}
          onChange={({ currentTarget }) => turnKeys(currentTarget.checked)}
        />
        {words.on}
      </label>
    </Dialog>
  );
}
