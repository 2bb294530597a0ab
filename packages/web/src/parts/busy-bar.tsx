/** What the page waits for, its progress, and the time left. */
import { type Busy, busy } from '../state/busy.js';
import { texts } from '../texts/index.js';

export function BusyBar() {
  const now = busy.value;
  // A training is shown elsewhere.
  if (!now || now.work === 'training') return null;
  const { busy: words } = texts.value;
  const label = words[now.work];
  return (
    <div class="busy" role="status">
      <span>{label}</span>
      {now.total > 0 ? (
        <>
          <progress max={now.total} value={now.done} aria-label={label} />
          <span class="hint">{words.left(now.done, now.total, secondsLeft(now))}</span>
        </>
      ) : (
        <progress aria-label={label} />
      )}
    </div>
  );
}

function secondsLeft({ done, total, since }: Busy): number | undefined {
  const passed = (performance.now() - since) / 1000;
  return done === 0 || passed < 2 ? undefined : (passed / done) * (total - done);
}
