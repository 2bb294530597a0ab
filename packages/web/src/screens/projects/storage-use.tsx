/** How much of this browser's storage is in use, and whether it may be cleared. */
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../../texts/index.js';

interface Use {
  readonly used: number;
  readonly quota: number;
  readonly isPersisted: boolean;
}

export function StorageUse() {
  const [use, setUse] = useState<Use>();
  const { projects: words } = texts.value;
  const read = async () => {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    setUse({ used: usage, quota, isPersisted: await navigator.storage.persisted() });
  };
  useEffect(() => void read(), []);
  if (!use) return null;
  return (
    <p class="hint storage">
      {words.storage(use.used, use.quota)} {use.isPersisted ? words.persisted : words.notPersisted}{' '}
      {!use.isPersisted && (
        <button type="button" class="link" onClick={() => void navigator.storage.persist().then(read)}>
          {words.persist}
        </button>
      )}
    </p>
  );
}
