/** Buttons to train, stop and continue: which are enabled now, and why others aren't. */
import { work } from '../../state/busy.js';
import { boxCount, kept, weights } from '../../state/project.js';
import { goOn, lastRun, stop, stopping, train, validate } from '../../state/training.js';
import { texts } from '../../texts/index.js';

export function StartPanel() {
  const { start: words } = texts.value;
  const isBusy = work.value !== undefined;
  const run = lastRun.value;
  const canGoOn = run !== undefined && kept.value.includes('last');
  const isUnfinished = canGoOn && (run.status === 'stopped' || run.status === 'failed');
  const isReady = weights.value !== undefined && boxCount.value > 0;
  if (work.value === 'training' || work.value === 'validating')
    return (
      <section class="card start">
        <button type="button" id="stop" disabled={stopping.value} onClick={() => void stop()}>
          {words.stop}
        </button>
        <p class="hint">{stopping.value ? words.stopping : words.stopHint}</p>
      </section>
    );
  return (
    <section class="card start">
      <div class="actions">
        {isUnfinished && (
          <button type="button" class="primary" id="go-on" disabled={isBusy} onClick={() => void goOn(false)}>
            {words.goOn}
          </button>
        )}
        <button
          type="button"
          class={isUnfinished ? '' : 'primary'}
          id="train"
          disabled={isBusy || !isReady}
          onClick={() => void train()}
        >
          {run ? words.trainAnew : words.train}
        </button>
        {canGoOn && !isUnfinished && (
          <button type="button" id="train-more" disabled={isBusy} onClick={() => void goOn(true)}>
            {words.more}
          </button>
        )}
        {kept.value.includes('best') && (
          <button type="button" id="validate" disabled={isBusy} onClick={() => void validate('best')}>
            {words.validate}
          </button>
        )}
      </div>
      <p class="hint" id="train-hint">
        {isReady ? (canGoOn ? words.goOnHint : '') : weights.value ? words.needsBoxes : words.needsWeights}
      </p>
    </section>
  );
}
