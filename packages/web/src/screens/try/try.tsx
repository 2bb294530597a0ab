/** Trying a detector on pictures, videos and the camera. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { device, lookForDevice } from '../../state/device.js';
import { kept, opened, project, weights } from '../../state/project.js';
import { addressOf, route } from '../../state/route.js';
import { texts } from '../../texts/index.js';
import type { Which } from '../../worker/api.js';
import { LiveCamera } from './live-camera.js';
import { OwnFile } from './own-file.js';

const confidence = signal(0.25);
const overlap = signal(0.45);
const chosen = signal<Which | undefined>(undefined);
const mode = signal<'file' | 'camera'>('file');

export function Try() {
  const { try: words } = texts.value;
  useEffect(() => {
    if (device.value.state === 'unknown') void lookForDevice(opened().training.device);
  }, []);
  const known: Which[] = [...(weights.value ? (['opened'] as const) : []), ...kept.value];
  const which = known.includes(chosen.value ?? 'best') ? (chosen.value ?? 'best') : known[0];
  if (!which || !project.value)
    return (
      <div class="page">
        <h1>{words.title}</h1>
        <p>
          <a href={addressOf(route.value.project ?? '', 'train')}>{words.nothing}</a>
        </p>
      </div>
    );
  const settings = { which, confidence: confidence.value, iouThres: overlap.value };
  return (
    <div class="page">
      <div class="page-head">
        <h1>{words.title}</h1>
        <fieldset class="tabs">
          <legend class="hidden">{words.title}</legend>
          {(['file', 'camera'] as const).map((one) => (
            <button
              key={one}
              type="button"
              id={`try-${one}`}
              aria-pressed={mode.value === one}
              onClick={() => {
                mode.value = one;
              }}
            >
              {words.modes[one]}
            </button>
          ))}
        </fieldset>
      </div>
      <div class="card controls">
        <label class="field">
          {words.weights}
          <select
            id="which"
            value={which}
            onChange={({ currentTarget }) => {
              chosen.value = known.find((one) => one === currentTarget.value);
            }}
          >
            {known.map((one) => (
              <option key={one} value={one}>
                {words.which[one]}
              </option>
            ))}
          </select>
        </label>
        <Slider id="try-confidence" label={words.confidence(confidence.value)} value={confidence} />
        <Slider id="try-overlap" label={words.overlap(overlap.value)} value={overlap} />
      </div>
      {mode.value === 'file' ? <OwnFile {...settings} /> : <LiveCamera {...settings} />}
    </div>
  );
}

function Slider({ id, label, value }: { id: string; label: string; value: typeof confidence }) {
  return (
    <label class="field">
      {label}
      <input
        type="range"
        id={id}
        min="0.05"
        max="0.95"
        step="0.05"
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.valueAsNumber;
        }}
      />
    </label>
  );
}
