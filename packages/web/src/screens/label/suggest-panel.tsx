/** Boxes that a detector suggests: asked for, mapped to the project's classes, accepted. */
import { useState } from 'preact/hooks';
import { FileButton } from '../../parts/drop.js';
import { work } from '../../state/busy.js';
import { addClass } from '../../state/classes.js';
import type { Suggester } from '../../state/looks.js';
import { openWeights } from '../../state/opening.js';
import { kept, pictures, project, weights } from '../../state/project.js';
import { suggest } from '../../state/suggest.js';
import {
  accept,
  areFaintShown,
  faintCount,
  faintest,
  foundClasses,
  hasSuggestions,
  least,
  map,
  mapping,
  showFaint,
  suggestedPictures,
} from '../../state/suggestions.js';
import { stop } from '../../state/training.js';
import { texts } from '../../texts/index.js';
import { filter, goToPicture, listed, order } from './order.js';

export function SuggestPanel() {
  const { suggest: words } = texts.value;
  const todo = pictures.value.filter(({ done }) => !done);
  const [chosen, setChosen] = useState<Suggester>();
  const [isClose, setClose] = useState(false);
  const suggesters = possible();
  const by = suggesters.find((one) => one === chosen) ?? suggesters[0];
  const isBusy = work.value !== undefined;
  const ask = async () => {
    if (!by) return;
    await suggest(
      by,
      isClose,
      (todo.length > 0 ? todo : pictures.value).map(({ id }) => id),
    );
    filter.value = 'all';
    order.value = 'unsure';
    const [first] = listed.value;
    if (first) goToPicture(first);
  };
  return (
    <section class="panel" aria-labelledby="suggest-title">
      <h2 id="suggest-title">{words.title}</h2>
      {!by ? (
        <>
          <p class="hint">{words.needsWeights}</p>
          <FileButton
            id="suggest-weights"
            label={words.openWeights}
            accept=".pt,.safetensors"
            disabled={isBusy}
            onFiles={([file]) => file && void openWeights(file.blob, file.path)}
          />
        </>
      ) : (
        <>
          <label class="field">
            {words.by}
            <select
              id="suggest-by"
              value={by}
              onChange={({ currentTarget }) => setChosen(suggesters[currentTarget.selectedIndex])}
            >
              {suggesters.map((one) => (
                <option key={one} value={one}>
                  {words.suggesters[one](weights.value?.name ?? '')}
                </option>
              ))}
            </select>
          </label>
          {by !== 'best' && (
            <label class="inline">
              <input
                type="checkbox"
                id="suggest-closely"
                checked={isClose}
                onChange={({ currentTarget }) => setClose(currentTarget.checked)}
              />
              {words.closely}
            </label>
          )}
          {work.value === 'suggesting' ? (
            <button type="button" onClick={() => void stop()}>
              {words.stop}
            </button>
          ) : (
            <button type="button" id="suggest" disabled={isBusy} onClick={() => void ask()}>
              {words.ask(todo.length > 0 ? todo.length : pictures.value.length)}
            </button>
          )}
          {hasSuggestions.value && <Answers />}
        </>
      )}
    </section>
  );
}

/** Who can suggest here, the likeliest first. */
function possible(): Suggester[] {
  const own: Suggester[] = kept.value.includes('best') ? ['best'] : [];
  const checkpoint = weights.value;
  if (!checkpoint) return own;
  if (own.length === 0) return ['opened'];
  const knowsSome = project.value?.classes.some(({ name }) => checkpoint.classes.includes(name));
  return knowsSome ? ['both', ...own, 'opened'] : [...own, 'opened'];
}

function Answers() {
  const { suggest: words } = texts.value;
  const some = suggestedPictures.value;
  return (
    <>
      <label class="field">
        {words.least(least.value)}
        <input
          type="range"
          id="least"
          min="0.05"
          max="0.95"
          step="0.05"
          value={least.value}
          onInput={({ currentTarget }) => {
            least.value = currentTarget.valueAsNumber;
          }}
        />
      </label>
      {faintest.value < least.value && (
        <label class="inline">
          <input
            type="checkbox"
            id="faint"
            checked={areFaintShown.value}
            onChange={({ currentTarget }) => showFaint(currentTarget.checked)}
          />
          {words.faint(faintCount.value, faintest.value)}
        </label>
      )}
      <Mapping />
      <button
        type="button"
        class="accent"
        id="accept-all"
        disabled={some.length === 0}
        onClick={() => accept(some)}
      >
        {words.acceptAll(some.length)}
      </button>
      <p class="hint">{words.hint}</p>
    </>
  );
}

/** Which of the project's classes each found class is. */
function Mapping() {
  const { suggest: words } = texts.value;
  const classes = project.value?.classes ?? [];
  const unmapped = foundClasses.value.filter(({ name }) => !mapping.value.has(name));
  return (
    <details open={mapping.value.size === 0}>
      <summary>{words.mapping(mapping.value.size, unmapped.length)}</summary>
      <ul class="mapping">
        {foundClasses.value.map(({ name, count }) => (
          <li key={name}>
            <span>
              {name} <small>{count}</small>
            </span>
            <select
              aria-label={words.mapTo(name)}
              value={mapping.value.get(name) ?? ''}
              onChange={({ currentTarget: { value } }) => {
                if (value === 'new') map(name, addClass(name));
                else map(name, value === '' ? undefined : Number(value));
              }}
            >
              <option value="">{words.ignored}</option>
              {classes.map((one, i) => (
                <option key={one.name} value={i}>
                  {one.name}
                </option>
              ))}
              {!classes.some((one) => one.name === name) && <option value="new">{words.asNew(name)}</option>}
            </select>
          </li>
        ))}
      </ul>
    </details>
  );
}
