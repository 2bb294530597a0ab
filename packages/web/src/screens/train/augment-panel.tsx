/** What training does to pictures before it learns from them, seen on some of the project's own. */
import { useEffect, useState } from 'preact/hooks';
import type { Augmentation } from '../../library/types.js';
import { useBlobUrl } from '../../parts/blob-url.js';
import { BoxedPicture } from '../../parts/boxed-picture.js';
import { work } from '../../state/busy.js';
import { showError } from '../../state/messages.js';
import { opened, project } from '../../state/project.js';
import { choose } from '../../state/training.js';
import { trainer } from '../../state/workers.js';
import { texts } from '../../texts/index.js';
import type { Augmented, AugmentedPicture } from '../../worker/api.js';

/** Largest values of the sliders, in their order. */
const SLIDERS: readonly (readonly [name: keyof Augmentation, most: number, step: number])[] = [
  ['hsv_h', 0.1, 0.005],
  ['hsv_s', 1, 0.05],
  ['hsv_v', 1, 0.05],
  ['scale', 0.95, 0.05],
  ['translate', 0.5, 0.05],
  ['degrees', 180, 5],
  ['fliplr', 1, 0.1],
  ['flipud', 1, 0.1],
  ['mosaic', 1, 0.1],
  ['mixup', 1, 0.1],
];

export function AugmentPanel() {
  const { augment: words } = texts.value;
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="card augment" id="augment" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>{words.title}</h2>
      </summary>
      {isOpen && <Opened />}
    </details>
  );
}

function Opened() {
  const { augment: words } = texts.value;
  const [draw, setDraw] = useState(0);
  const made = useAugmented(draw);
  const { augmentation } = opened().training;
  const set = (changes: Partial<Augmentation> | undefined) =>
    void choose({ augmentation: changes }).catch(showError);
  return (
    <>
      <p class="hint">{words.what}</p>
      <div class="gallery" id="augmented">
        {made?.pictures.map((picture, i) => (
          <Shown key={i} name={`${made.version} ${i}`} picture={picture} />
        ))}
      </div>
      <div class="actions">
        <button type="button" id="augment-again" onClick={() => setDraw(draw + 1)}>
          {words.again}
        </button>
        {augmentation && (
          <button type="button" onClick={() => set(undefined)}>
            {words.reset}
          </button>
        )}
      </div>
      {made && (
        <div class="sliders">
          {SLIDERS.map(([name, most, step]) => (
            <Slider
              key={name}
              name={name}
              value={augmentation?.[name] ?? made.augmentation[name]}
              {...{ most, step }}
              onValue={(value) => set({ ...augmentation, [name]: value })}
            />
          ))}
        </div>
      )}
    </>
  );
}

/** Milliseconds to wait after a slider stops moving. */
const REST = 250;

/** Augmented pictures; their version distinguishes them from earlier ones. */
function useAugmented(draw: number): (Augmented & { readonly version: number }) | undefined {
  const [made, setMade] = useState<Augmented & { readonly version: number }>();
  const { training } = opened();
  const { augmentation, more, imgsz, seed } = training;
  const isBusy = work.value !== undefined;
  useEffect(() => {
    if (isBusy) return;
    let isOld = false;
    const timer = setTimeout(() => {
      trainer()
        .augmented(training, draw)
        .then((now) => {
          if (!isOld) setMade({ ...now, version: performance.now() });
        }, showError);
    }, REST);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [augmentation, more.hyp, imgsz, seed, draw, isBusy]);
  return made;
}

interface ShownProps {
  /** Tells the picture from all others. */
  readonly name: string;
  readonly picture: AugmentedPicture;
}

function Shown({ name, picture: { file, width, height, boxes } }: ShownProps) {
  const classes = project.value?.classes ?? [];
  const url = useBlobUrl(name, async () => file);
  const shown = boxes.map(({ classId, box }) => ({
    box,
    name: classes[classId]?.name ?? '',
    color: classes[classId]?.color ?? '#0b62bb',
  }));
  return (
    <BoxedPicture width={width} height={height} boxes={shown}>
      {url && <img src={url} alt="" />}
    </BoxedPicture>
  );
}

interface SliderProps {
  readonly name: keyof Augmentation;
  readonly value: number;
  readonly most: number;
  readonly step: number;
  readonly onValue: (value: number) => void;
}

function Slider({ name, value, most, step, onValue }: SliderProps) {
  const { augment: words } = texts.value;
  return (
    <label class="field" for={`augment-${name}`}>
      <span class="slider-name">
        {words.names[name]} <output>{name === 'degrees' ? `±${value}°` : Number(value.toFixed(3))}</output>
      </span>
      <input
        type="range"
        id={`augment-${name}`}
        min="0"
        max={most}
        step={step}
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.valueAsNumber)}
      />
    </label>
  );
}
