/** A picture with boxes over it; the browser scales both. */
import type { ComponentChildren } from 'preact';
import type { Corners } from '../library/types.js';
import { textOn } from './contrast.js';

export interface ShownBox {
  readonly box: Corners;
  readonly name: string;
  readonly color: string;
  readonly confidence?: number;
  /** Dashed and without a name: a label beside what was found. */
  readonly isLabel?: boolean;
}

interface BoxedPictureProps {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly ShownBox[];
  /** What is under the boxes: an image, a video. */
  readonly children: ComponentChildren;
}

export function BoxedPicture({ width, height, boxes, children }: BoxedPictureProps) {
  return (
    <div class="boxed" style={{ aspectRatio: `${width} / ${height}` }} role="img" aria-label={inWords(boxes)}>
      {children}
      {boxes.map((one, i) => (
        <ShownBoxOf key={i} one={one} width={width} height={height} />
      ))}
    </div>
  );
}

function ShownBoxOf({ one, width, height }: { one: ShownBox; width: number; height: number }) {
  const { box, name, color, confidence, isLabel } = one;
  const [x1, y1, x2, y2] = box;
  const style = {
    left: `${(100 * x1) / width}%`,
    top: `${(100 * y1) / height}%`,
    width: `${(100 * (x2 - x1)) / width}%`,
    height: `${(100 * (y2 - y1)) / height}%`,
    borderColor: color,
  };
  return (
    <div class={isLabel ? 'box label-box' : `box ${y1 < height * 0.08 ? 'at-top' : ''}`} style={style}>
      {!isLabel && (
        <span class="tag" style={{ background: color, color: textOn(color) }}>
          {name} {confidence?.toFixed(2)}
        </span>
      )}
    </div>
  );
}

function inWords(boxes: readonly ShownBox[]): string {
  const found = boxes.filter(({ isLabel }) => !isLabel);
  const labels = boxes.filter(({ isLabel }) => isLabel);
  const named = found.map(({ name, confidence }) => `${name} ${confidence?.toFixed(2) ?? ''}`.trim());
  const labeled = labels.length > 0 ? ` Labels: ${labels.map(({ name }) => name).join(', ')}.` : '';
  return `Detected: ${named.join(', ') || 'nothing'}.${labeled}`;
}
