/** The project's classes: the one that is drawn next, and how they are changed. */
import { useState } from 'preact/hooks';
import type { ProjectClass } from '../../library/types.js';
import { Confirm, Dialog } from '../../parts/dialog.js';
import { addClass, colorClass, removeClass, renameClass } from '../../state/classes.js';
import { currentClass } from '../../state/labels.js';
import { pictures, project } from '../../state/project.js';
import { texts } from '../../texts/index.js';
import { chooseClass } from './commands.js';
import { addBoxOf, waiting } from './drawing.js';

export function ClassList() {
  const { classes: words } = texts.value;
  const classes = project.value?.classes ?? [];
  const [changed, setChanged] = useState<number>();
  return (
    <section class="panel" aria-labelledby="classes-title">
      <h2 id="classes-title">{words.title}</h2>
      {classes.length === 0 && <p class="hint">{words.none}</p>}
      <ul class="classes">
        {classes.map(({ name, color }, i) => (
          <li key={name}>
            <button
              type="button"
              class="class"
              aria-pressed={currentClass.value === i}
              onClick={() => chooseClass(i)}
            >
              <i style={{ background: color }} />
              <span>{name}</span>
              {i < 9 && <kbd>{i + 1}</kbd>}
            </button>
            <button type="button" class="quiet" aria-label={words.change(name)} onClick={() => setChanged(i)}>
              ⋯
            </button>
          </li>
        ))}
      </ul>
      <NewClass />
      {changed !== undefined && classes[changed] && (
        <ClassDialog index={changed} changed={classes[changed]} onClose={() => setChanged(undefined)} />
      )}
      {waiting.value && <FirstClass />}
    </section>
  );
}

function NewClass({ onAdded }: { onAdded?: (index: number) => void }) {
  const { classes: words } = texts.value;
  const [name, setName] = useState('');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (!name.trim()) return;
        const index = addClass(name.trim());
        currentClass.value = index;
        setName('');
        onAdded?.(index);
      }}
    >
      <input
        type="text"
        class="new-class"
        aria-label={words.newName}
        placeholder={words.newName}
        value={name}
        maxLength={100}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit">{words.add}</button>
    </form>
  );
}

/** Asks for the first class when a box was drawn before there is any. */
function FirstClass() {
  const { classes: words } = texts.value;
  const close = () => {
    waiting.value = undefined;
  };
  return (
    <Dialog title={words.first} onClose={close}>
      <NewClass
        onAdded={(index) => {
          const box = waiting.value;
          close();
          if (box) addBoxOf(box, index);
        }}
      />
    </Dialog>
  );
}

interface ClassDialogProps {
  readonly index: number;
  readonly changed: ProjectClass;
  readonly onClose: () => void;
}

function ClassDialog({ index, changed, onClose }: ClassDialogProps) {
  const { classes: words } = texts.value;
  const [name, setName] = useState(changed.name);
  const [isRemoved, setRemoved] = useState(false);
  const boxes = pictures.value.reduce(
    (sum, picture) => sum + picture.boxes.filter(({ classId }) => classId === index).length,
    0,
  );
  const other = project.value?.classes.some((one, i) => i !== index && one.name === name.trim());
  if (isRemoved)
    return (
      <Confirm
        title={words.removeTitle(changed.name)}
        text={words.removeText(boxes)}
        action={words.remove}
        onConfirm={() => removeClass(index)}
        onClose={onClose}
      />
    );
  return (
    <Dialog title={words.change(changed.name)} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() && name.trim() !== changed.name) renameClass(index, name.trim());
          onClose();
        }}
      >
        <label class="field">
          {words.name}
          <input type="text" value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
        </label>
        {other && <p class="hint">{words.merges(name.trim(), boxes)}</p>}
        <label class="field">
          {words.color}
          <input
            type="color"
            value={changed.color}
            onChange={({ currentTarget }) => colorClass(index, currentTarget.value)}
          />
        </label>
        <div class="actions">
          <button type="submit" class="primary">
            {other ? words.merge : texts.value.save}
          </button>
          <button type="button" class="danger" onClick={() => setRemoved(true)}>
            {words.remove}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
