/** The pictures as a grid; only visible ones are in the page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Picture } from '../../library/types.js';
import { Thumbnail } from '../../parts/thumbnail.js';
import { currentId } from '../../state/labels.js';
import { done, pictures, project } from '../../state/project.js';
import { suggestionsOf } from '../../state/suggestions.js';
import { texts } from '../../texts/index.js';
import { FILTERS, type Filter, filter, goToPicture, listed, ORDERS, type Order, order } from './order.js';

/** Pixels of a cell, the same as in the style sheet. */
const CELL = { width: 92, height: 92 };
/** Number of rows rendered beyond the visible ones. */
const AHEAD = 3;

export function PictureList() {
  const { label: words } = texts.value;
  const list = listed.value;
  return (
    <>
      <p class="list-facts">{words.labeled(done.value.length, pictures.value.length)}</p>
      <div class="row">
        <label class="field">
          {words.show}
          <select
            id="filter"
            value={filter.value}
            onChange={({ currentTarget }) => {
              filter.value = currentTarget.value as Filter;
            }}
          >
            {FILTERS.map((one) => (
              <option key={one} value={one}>
                {words.filters[one]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {words.order}
          <select
            id="order"
            value={order.value}
            onChange={({ currentTarget }) => {
              order.value = currentTarget.value as Order;
            }}
          >
            {ORDERS.map((one) => (
              <option key={one} value={one}>
                {words.orders[one]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {list.length === 0 ? <p class="hint">{words.noneListed}</p> : <Grid list={list} />}
    </>
  );
}

function Grid({ list }: { list: readonly Picture[] }) {
  const host = useRef<HTMLUListElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600, columns: 2 });
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const measure = () => {
      const columns = Math.max(1, Math.floor(element.clientWidth / CELL.width));
      setSeen({ top: element.scrollTop, height: element.clientHeight, columns });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  useShowCurrent(host.current, list, seen.columns);
  const rows = Math.ceil(list.length / seen.columns);
  const first = Math.max(0, Math.floor(seen.top / CELL.height) - AHEAD);
  const last = Math.min(rows, Math.ceil((seen.top + seen.height) / CELL.height) + AHEAD);
  const some = list.slice(first * seen.columns, last * seen.columns);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <ul ref={host} class="picture-grid" tabIndex={0} aria-label={texts.value.label.pictures}>
      <li class="spacer" style={{ height: first * CELL.height }} aria-hidden="true" />
      {some.map((picture) => (
        <Cell key={picture.id} picture={picture} />
      ))}
      <li class="spacer" style={{ height: (rows - last) * CELL.height }} aria-hidden="true" />
    </ul>
  );
}

/** Scrolls to the current picture when it changes and isn't visible. */
function useShowCurrent(element: HTMLElement | null, list: readonly Picture[], columns: number): void {
  const id = currentId.value;
  useEffect(() => {
    const at = list.findIndex((picture) => picture.id === id);
    if (!element || at < 0) return;
    const top = Math.floor(at / columns) * CELL.height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + CELL.height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + CELL.height - element.clientHeight;
  }, [id, element, columns]);
}

function Cell({ picture }: { picture: Picture }) {
  const { label: words } = texts.value;
  const { path, boxes, done: isDone, split } = picture;
  const suggested = suggestionsOf(picture).length;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const state = isDone ? words.boxes(boxes.length) : words.todo;
  const inSplit = words.inSplit[split];
  const isCurrent = currentId.value === picture.id;
  const colors = [...new Set(boxes.map(({ classId }) => project.value?.classes[classId]?.color))].slice(0, 5);
  return (
    <li class="cell">
      <button
        type="button"
        aria-current={isCurrent ? 'true' : undefined}
        aria-label={[name, state, inSplit, suggested > 0 ? words.suggested(suggested) : ''].join(', ')}
        title={name}
        onClick={() => goToPicture(picture)}
      >
        <Thumbnail picture={picture} />
        {/* Drawn by the style sheet: the button's name says the same in words. */}
        {isDone ? <span class="badge ok" data-text={`✓ ${boxes.length}`} /> : null}
        {suggested > 0 && <span class="badge maybe" data-text={`${suggested}?`} />}
        {split === 'val' && <span class="badge held" data-text={words.valShort} />}
        <span class="dots">
          {colors.map((color) => (
            <i key={color} style={{ background: color }} />
          ))}
        </span>
      </button>
    </li>
  );
}
