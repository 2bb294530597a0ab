/** Where a picture is labeled: drawn, moved, resized and selected by mouse, pen or touch. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fileOf } from '../../library/pictures.js';
import type { Picture } from '../../library/types.js';
import { useBlobUrl } from '../../parts/blob-url.js';
import { changeBoxes, current, currentClass, selected } from '../../state/labels.js';
import { acceptOne } from '../../state/suggestions.js';
import { texts } from '../../texts/index.js';
import { boxUnder } from './boxes.js';
import { useCrosshair } from './crosshair.js';
import { addBox } from './drawing.js';
import { begin, boxOf, continued, type Gesture, isSlip } from './gesture.js';
import { nameOf, StageBoxes } from './stage-boxes.js';
import { fit, type MadeBox, offered, pointed, stageSize, view } from './stage-state.js';
import { type Point, panned, toPicture } from './view.js';
import { useWheelAndPinch } from './wheel-and-pinch.js';

const gesture = signal<Gesture | undefined>(undefined);

/** Stage pixels around handles and edges. */
const REACH = 9;
/** Stage pixels that a click may slip. */
const SLIP = 4;

export function Stage() {
  const stage = useRef<HTMLDivElement>(null);
  const picture = current.value;
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      stageSize.value = { width: element.clientWidth, height: element.clientHeight };
      fit();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(fit, [picture?.id]);
  useWheelAndPinch(stage, () => {
    gesture.value = undefined;
  });
  const crosshair = useCrosshair(stage);
  const handlers = picture ? pointerHandlers(picture) : {};
  return (
    <div
      ref={stage}
      class="stage"
      id="stage"
      role="application"
      aria-label={picture ? texts.value.label.stage(picture.path, picture.boxes.length) : ''}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: boxes are drawn and moved by keyboard too
      tabIndex={0}
      {...handlers}
    >
      {picture && <Shown picture={picture} />}
      {picture && <StageBoxes picture={picture} made={madeBox(picture)} />}
      {crosshair}
      {picture && <Pointed />}
    </div>
  );
}

function Shown({ picture }: { picture: Picture }) {
  const url = useBlobUrl(`${picture.project} ${picture.id}`, () => fileOf(picture));
  const { scale, x, y } = view.value;
  const style = {
    width: `${picture.width}px`,
    height: `${picture.height}px`,
    transform: `translate(${x}px, ${y}px) scale(${scale})`,
    imageRendering: scale > 3 ? ('pixelated' as const) : ('auto' as const),
  };
  return url ? <img class="shown" src={url} alt="" draggable={false} decoding="async" style={style} /> : null;
}

/** Tells those who don't see it what S would accept. */
function Pointed() {
  const one = offered.value.find((suggestion) => suggestion === pointed.value);
  return (
    <p class="hidden" role="status">
      {one &&
        texts.value.label.pointed(nameOf(one.classId), one.confidence, one.box.map(Math.round).join(', '))}
    </p>
  );
}

function madeBox(picture: Picture): MadeBox | undefined {
  const now = gesture.value;
  const box = now && boxOf(now, picture);
  if (!now || !box) return undefined;
  if (now.kind === 'draw') return { box, classId: currentClass.value };
  if (now.kind === 'pan') return undefined;
  return { box, classId: picture.boxes[now.index].classId, index: now.index };
}

function pointerHandlers(picture: Picture) {
  const at = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return toPicture(view.value, { x: event.clientX - left, y: event.clientY - top });
  };
  return {
    onPointerDown(event: PointerEvent & { currentTarget: HTMLElement }) {
      if (!event.isPrimary || (event.target as HTMLElement).closest('button')) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      event.currentTarget.focus({ preventScroll: true });
      const isPan = event.button === 1 || event.button === 2 || event.ctrlKey;
      const { boxes } = picture;
      const reach = REACH / view.value.scale;
      gesture.value = isPan
        ? { kind: 'pan' }
        : begin({ at: at(event), boxes, selected: selected.value, reach });
      event.preventDefault();
    },
    onPointerMove(event: PointerEvent & { currentTarget: HTMLElement }) {
      if (!gesture.value) {
        pointed.value = offered.value[boxUnder(offered.value, at(event), 0) ?? -1];
        return;
      }
      if (gesture.value.kind === 'pan') view.value = panned(view.value, event.movementX, event.movementY);
      gesture.value = continued(gesture.value, at(event));
    },
    onPointerUp(event: PointerEvent & { currentTarget: HTMLElement }) {
      const ended = gesture.value;
      gesture.value = undefined;
      if (ended) finish(ended, picture, at(event));
    },
    onPointerCancel() {
      gesture.value = undefined;
    },
    onContextMenu: (event: Event) => event.preventDefault(),
  };
}

/** A click chooses; everything else changes a box. */
function finish(ended: Gesture, picture: Picture, at: Point): void {
  const gesture = continued(ended, at);
  const box = boxOf(gesture, picture);
  const { boxes } = picture;
  if (ended.kind === 'pan') return;
  if (!box || isSlip(gesture, SLIP / view.value.scale)) {
    choose(picture, at);
    return;
  }
  if (ended.kind === 'draw') {
    addBox(box);
    return;
  }
  changeBoxes(boxes.map((one, i) => (i === ended.index ? { ...one, box } : one)));
}

/** Selects the smallest box at a point, or accepts it where it is a suggestion. */
function choose({ boxes }: Picture, at: Point): void {
  const suggestions = offered.value;
  const index = boxUnder([...boxes, ...suggestions], at, REACH / view.value.scale);
  const suggestion = index === undefined ? undefined : suggestions[index - boxes.length];
  if (suggestion) acceptOne(suggestion);
  else selected.value = index;
}
