/** A picture with boxes drawn on a canvas: hundreds of elements for each of many pictures would block the page. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { drawBoxes, type ShownBox } from './draw-boxes.js';

interface BoxedPictureProps {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly ShownBox[];
  /** The element under the boxes: an image or a video. */
  readonly children: ComponentChildren;
}

export function BoxedPicture({ width, height, boxes, children }: BoxedPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const draw = useRef(() => {});
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let size = { width: 0, height: 0 };
    draw.current = () => drawBoxes(element, size, latest.current);
    const observer = new ResizeObserver(([entry]) => {
      if (entry) size = entry.contentRect;
      draw.current();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const latest = useRef({ width, height, boxes });
  latest.current = { width, height, boxes };
  useEffect(() => draw.current(), [width, height, boxes]);
  return (
    <div class="boxed" style={{ aspectRatio: `${width} / ${height}` }} role="img" aria-label={inWords(boxes)}>
      {children}
      <canvas ref={canvas} />
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
