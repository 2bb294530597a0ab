/** Length and settings of training. The recipe decides what isn't set. */
import type { TrainingChoice, TrainingLength } from '../../library/types.js';
import { work } from '../../state/busy.js';
import { devices, lookForDevice, titleOf } from '../../state/device.js';
import { showError } from '../../state/messages.js';
import { kept, opened } from '../../state/project.js';
import { choose } from '../../state/training.js';
import { texts } from '../../texts/index.js';
import { MoreFields } from './more-fields.js';
import { NumberField } from './number-field.js';

const set = (changes: Partial<TrainingChoice>) => void choose(changes).catch(showError);

export function SettingsForm() {
  const { settings: words } = texts.value;
  const { training } = opened();
  return (
    <fieldset class="card settings" disabled={work.value !== undefined}>
      <legend class="hidden">{words.title}</legend>
      <h2>{words.title}</h2>
      {kept.value.includes('best') && (
        <label class="field">
          {words.from}
          <select
            id="from"
            value={training.from}
            onChange={({ currentTarget }) =>
              set({ from: currentTarget.value === 'best' ? 'best' : 'opened' })
            }
          >
            <option value="opened">{words.fromOpened}</option>
            <option value="best">{words.fromBest}</option>
          </select>
        </label>
      )}
      <LengthField length={training.length} />
      <div class="row">
        <NumberField
          id="imgsz"
          label={words.imgsz}
          value={training.imgsz}
          {...{ min: 32, max: 1920, step: 32 }}
          onValue={(imgsz) => set({ imgsz })}
        />
        <NumberField
          id="batch-size"
          label={words.batchSize}
          value={training.batchSize}
          {...{ min: -1, max: 256, step: 1 }}
          onValue={(batchSize) => set({ batchSize })}
        />
      </div>
      <details>
        <summary>{words.more}</summary>
        <div class="stack">
          <label class="field">
            {words.device}
            <select
              id="device-choice"
              value={training.device}
              onChange={({ currentTarget: { value } }) => {
                const { amp: _, ...more } = training.more;
                set({ device: value, more });
                void lookForDevice(value);
              }}
            >
              <option value="auto">{words.automatic}</option>
              {devices.value.map((name) => (
                <option key={name} value={name}>
                  {titleOf(name)}
                </option>
              ))}
            </select>
          </label>
          <NumberField
            id="seed"
            label={words.seed}
            value={training.seed}
            {...{ min: 0, max: 2 ** 31, step: 1 }}
            onValue={(seed) => set({ seed })}
          />
          <MoreFields more={training.more} onChange={(more) => set({ more })} />
        </div>
      </details>
    </fieldset>
  );
}

const TIMES = [60, 120, 180, 300, 600, 1800] as const;

function LengthField({ length }: { length: TrainingLength }) {
  const { settings: words } = texts.value;
  const shown = length.by === 'time' ? String(length.seconds) : length.by;
  return (
    <div class="row">
      <label class="field">
        {words.length}
        <select
          id="length"
          value={shown}
          onChange={({ currentTarget: { value } }) => {
            if (value === 'recipe') set({ length: { by: 'recipe' } });
            else if (value === 'epochs') set({ length: { by: 'epochs', epochs: 30 } });
            else set({ length: { by: 'time', seconds: Number(value) } });
          }}
        >
          {TIMES.map((seconds) => (
            <option key={seconds} value={seconds}>
              {words.minutes(seconds / 60)}
            </option>
          ))}
          <option value="recipe">{words.byRecipe}</option>
          <option value="epochs">{words.byEpochs}</option>
        </select>
      </label>
      {length.by === 'epochs' && (
        <NumberField
          id="epochs"
          label={words.epochs}
          value={length.epochs}
          {...{ min: 1, max: 10_000, step: 1 }}
          onValue={(epochs) => set({ length: { by: 'epochs', epochs } })}
        />
      )}
    </div>
  );
}
