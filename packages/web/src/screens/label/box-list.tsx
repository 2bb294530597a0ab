/** The boxes of the picture as a list, for keyboards and screen readers. */
import { changeBoxes, current, selected } from '../../state/labels.js';
import { project } from '../../state/project.js';
import { texts } from '../../texts/index.js';
import { addInMiddle, deleteBox } from './commands.js';

export function BoxList() {
  const { boxes: words } = texts.value;
  const picture = current.value;
  const classes = project.value?.classes ?? [];
  if (!picture) return null;
  return (
    <section class="panel" aria-labelledby="boxes-title">
      <h2 id="boxes-title">{words.title(picture.boxes.length)}</h2>
      <ul class="box-list">
        {picture.boxes.map(({ classId, box }, i) => {
          const name = classes[classId]?.name ?? '?';
          const at = box.map((value) => Math.round(value)).join(', ');
          return (
            <li key={i} class={selected.value === i ? 'selected' : ''}>
              <button
                type="button"
                class="class"
                aria-pressed={selected.value === i}
                aria-label={words.box(i + 1, name, at)}
                onClick={() => {
                  selected.value = selected.value === i ? undefined : i;
                }}
              >
                <i style={{ background: classes[classId]?.color }} />
                <span>{i + 1}</span>
              </button>
              <select
                aria-label={words.classOf(i + 1)}
                value={classId}
                onChange={({ currentTarget }) =>
                  changeBoxes(
                    picture.boxes.map((one, j) =>
                      j === i ? { ...one, classId: Number(currentTarget.value) } : one,
                    ),
                  )
                }
              >
                {classes.map((one, j) => (
                  <option key={one.name} value={j}>
                    {one.name}
                  </option>
                ))}
              </select>
              <button
                type="button"
                class="quiet"
                aria-label={words.delete(i + 1)}
                onClick={() => deleteBox(i)}
              >
                ×
              </button>
            </li>
          );
        })}
      </ul>
      <button type="button" class="small" onClick={addInMiddle}>
        {words.add}
      </button>
    </section>
  );
}
