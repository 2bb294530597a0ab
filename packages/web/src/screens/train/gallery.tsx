/** Held-out pictures with their labels and with what is found in them, the worst mistakes first. */
import type { Detection } from '@froyolo/yolo';
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { fileOf } from '../../library/pictures.js';
import type { Picture, ProjectClass } from '../../library/types.js';
import { useBlobUrl } from '../../parts/blob-url.js';
import { BoxedPicture } from '../../parts/boxed-picture.js';
import type { ShownBox } from '../../parts/draw-boxes.js';
import { whileIdle, work } from '../../state/busy.js';
import { currentId } from '../../state/labels.js';
import { likelyConfidence } from '../../state/likely-confidence.js';
import { kept, opened, pictures, project } from '../../state/project.js';
import { addressOf } from '../../state/route.js';
import { shown } from '../../state/training.js';
import { trainer } from '../../state/workers.js';
import { texts } from '../../texts/index.js';
import type { PictureDetections } from '../../worker/api.js';
import { type Mistakes, mistakesOf } from './mistakes.js';

export function Gallery() {
  const { result: words } = texts.value;
  const [chosen, setChosen] = useState<number>();
  const isBusy = work.value !== undefined;
  useEffect(() => {
    if (shown.value.length === 0 && kept.value.includes('best') && work.value === undefined) void find();
  }, [isBusy]);
  if (shown.value.length === 0) return looking.value ? <Looking {...looking.value} /> : null;
  const byId = new Map(pictures.value.map((picture) => [picture.id, picture]));
  const pairs = shown.value.flatMap(({ id, detections }) => {
    const picture = byId.get(id);
    return picture ? [{ picture, detections }] : [];
  });
  // Chooses the confidence that fits the labels best, and so shows the fewest mistakes.
  const judged = pairs.map(({ picture: { boxes }, detections }) => ({ boxes, found: detections }));
  const least = chosen ?? likelyConfidence(judged) ?? USUAL;
  const found = pairs.map(({ picture, detections }) => {
    const mistakes = mistakesOf(picture, sureOf(detections, least));
    return { picture, detections, least, mistakes };
  });
  const count = ({ mistakes: { missed, extra } }: FoundProps) => missed + extra;
  const worst = found.sort((a, b) => count(b) - count(a));
  return (
    <section class="card">
      <div class="card-head">
        <h2>{words.pictures}</h2>
        <label class="inline">
          {words.least(least)}
          <input
            type="range"
            id="confidence"
            min="0.05"
            max="0.95"
            step="0.05"
            value={least}
            onInput={({ currentTarget }) => setChosen(currentTarget.valueAsNumber)}
          />
        </label>
      </div>
      <p class="hint">{words.legend}</p>
      <div class="gallery" id="gallery">
        {worst.map((one) => (
          <Found key={one.picture.id} {...one} />
        ))}
      </div>
    </section>
  );
}

/** The confidence used if none is better than others. */
const USUAL = 0.25;
/** Most pictures that are shown. */
const SHOWN = 24;

async function find(): Promise<void> {
  const labeled = pictures.value.filter(({ done, boxes }) => done && boxes.length > 0);
  const held = labeled.filter(({ split }) => split === 'val');
  const some = (held.length > 0 ? held : labeled).slice(0, SHOWN);
  const ids = some.map(({ id }) => id);
  const options = { ...opened().training, which: 'best' as const, iouThres: 0.45 };
  const show = proxy((found: PictureDetections, done: number, total: number) => {
    looking.value = { done, total };
    shown.value = [...shown.value, found];
  });
  const look = async () => {
    looking.value = { done: 0, total: ids.length };
    try {
      // What was cut short is done anew, when there is time again.
      if (!(await trainer().detectPictures(ids, options, show))) shown.value = [];
    } finally {
      looking.value = undefined;
    }
  };
  await whileIdle(look, () => trainer().stop());
}

interface LookingProps {
  readonly done: number;
  readonly total: number;
}

/** How many pictures were looked at, while that goes on. */
const looking = signal<LookingProps | undefined>(undefined);

function Looking({ done, total }: LookingProps) {
  const { busy: words, result } = texts.value;
  return (
    <section class="card">
      <h2>{result.pictures}</h2>
      <p class="hint">{words.suggesting}…</p>
      <progress max={total} value={done} aria-label={words.suggesting} />
    </section>
  );
}

interface FoundProps {
  readonly picture: Picture;
  readonly detections: readonly Detection[];
  /** Confidence from which detections are shown. */
  readonly least: number;
  readonly mistakes: Mistakes;
}

const sureOf = (detections: readonly Detection[], least: number) =>
  detections.filter(({ confidence }) => confidence >= least);

function Found({ picture, detections, least, mistakes }: FoundProps) {
  const { result: words } = texts.value;
  const url = useBlobUrl(`${picture.project} ${picture.id}`, () => fileOf(picture));
  const classes = project.value?.classes;
  const boxes = useMemo(
    () => shownBoxes(picture, sureOf(detections, least), classes ?? []),
    [picture, detections, least, classes],
  );
  return (
    <figure>
      <BoxedPicture width={picture.width} height={picture.height} boxes={boxes}>
        {url && <img src={url} alt="" decoding="async" />}
      </BoxedPicture>
      <figcaption>
        <a href={addressOf(picture.project, 'label')} onClick={() => (currentId.value = picture.id)}>
          {picture.path.slice(picture.path.lastIndexOf('/') + 1)}
        </a>{' '}
        {words.mistakes(mistakes.missed, mistakes.extra)}
      </figcaption>
    </figure>
  );
}

/** Boxes to draw: labels first, so that detections lie over them. */
function shownBoxes(
  { boxes }: Picture,
  found: readonly Detection[],
  classes: readonly ProjectClass[],
): ShownBox[] {
  const color = (classId: number) => classes[classId]?.color ?? '#0b62bb';
  return [
    ...boxes.map(({ classId, box }) => ({
      box,
      name: classes[classId]?.name ?? '',
      color: color(classId),
      isLabel: true,
    })),
    ...found.map(({ box, name, classId, confidence }) => ({ box, name, color: color(classId), confidence })),
  ];
}
