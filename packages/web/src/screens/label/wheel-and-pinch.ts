/** Zooming and panning by wheel and by two fingers. */
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { view, zoomAt } from './stage-state.js';
import { type Point, panned } from './view.js';

const WHEEL_RATE = 0.0016;

export function useWheelAndPinch(stage: RefObject<HTMLElement | null>, onTwoFingers: () => void): void {
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const at = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
      const { left, top } = element.getBoundingClientRect();
      return { x: clientX - left, y: clientY - top };
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.shiftKey) view.value = panned(view.value, -event.deltaY, -event.deltaX);
      else zoomAt(Math.exp(-event.deltaY * WHEEL_RATE), at(event));
    };
    let before: { readonly middle: Point; readonly apart: number } | undefined;
    const onTouch = (event: TouchEvent) => {
      const [a, b] = [...event.touches].map(at);
      if (!a || !b) {
        before = undefined;
        return;
      }
      event.preventDefault();
      onTwoFingers();
      const now = {
        middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
        apart: Math.hypot(a.x - b.x, a.y - b.y),
      };
      if (before) {
        view.value = panned(view.value, now.middle.x - before.middle.x, now.middle.y - before.middle.y);
        zoomAt(now.apart / before.apart, now.middle);
      }
      before = now;
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    for (const name of ['touchstart', 'touchmove', 'touchend'] as const)
      element.addEventListener(name, onTouch, { passive: false });
    return () => {
      element.removeEventListener('wheel', onWheel);
      for (const name of ['touchstart', 'touchmove', 'touchend'] as const)
        element.removeEventListener(name, onTouch);
    };
  }, []);
}
