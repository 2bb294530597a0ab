/** Freezing and training: what will learn, how long it takes, and the result. */
import { useEffect } from 'preact/hooks';
import { work } from '../../state/busy.js';
import { device, lookForDevice } from '../../state/device.js';
import { boxCount, done, opened, project, weights } from '../../state/project.js';
import { addressOf, route } from '../../state/route.js';
import { lastRun } from '../../state/training.js';
import { texts } from '../../texts/index.js';
import { AugmentPanel } from './augment-panel.js';
import { FreezePanel } from './freeze-panel.js';
import { Result } from './result.js';
import { RunPanel } from './run-panel.js';
import { SettingsForm } from './settings-form.js';
import { StartPanel } from './start-panel.js';
import { WeightsPanel } from './weights-panel.js';

export function Train() {
  const { train: words } = texts.value;
  useEffect(() => {
    if (device.value.state === 'unknown') void lookForDevice(opened().training.device);
  }, []);
  if (!project.value) return null;
  const isTraining = work.value === 'training';
  return (
    <div class="train-screen">
      <div class="setup">
        <h1>{words.title}</h1>
        <DataFacts />
        <WeightsPanel />
        {weights.value && <SettingsForm />}
        <StartPanel />
      </div>
      <div class="results">
        {(isTraining || lastRun.value) && <RunPanel />}
        {weights.value && !isTraining && <FreezePanel />}
        {weights.value && !isTraining && boxCount.value > 0 && <AugmentPanel />}
        {lastRun.value && <Result />}
        {!weights.value && !lastRun.value && <p class="card lead">{words.what}</p>}
      </div>
    </div>
  );
}

/** What there is to train on. */
function DataFacts() {
  const { train: words } = texts.value;
  const heldOut = done.value.filter(({ split }) => split === 'val').length;
  const count = done.value.length;
  return (
    <section class="card facts" id="data-facts">
      <p>
        <strong>{words.data(count - heldOut, heldOut, boxCount.value)}</strong>
      </p>
      {count === 0 && (
        <p>
          <a href={addressOf(route.value.project ?? '', 'label')}>{words.labelFirst}</a>
        </p>
      )}
      {count > 0 && heldOut === 0 && <p class="hint">{words.noneHeldOut}</p>}
      {count > 0 && count < 10 && <p class="hint">{words.few}</p>}
    </section>
  );
}
