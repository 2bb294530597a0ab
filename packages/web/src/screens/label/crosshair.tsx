/** Lines through the pointer, moved without drawing the page again. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function useCrosshair(stage: RefObject<HTMLElement | null>) {
  const horizontal = useRef<HTMLDivElement>(null);
  const vertical = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const show = (event: PointerEvent) => {
      const { left, top } = element.getBoundingClientRect();
      const isOn = event.pointerType !== 'touch';
      if (horizontal.current)
        horizontal.current.style.transform = isOn ? `translateY(${event.clientY - top}px)` : OUT;
      if (vertical.current)
        vertical.current.style.transform = isOn ? `translateX(${event.clientX - left}px)` : OUT;
    };
    const hide = () => {
      for (const line of [horizontal.current, vertical.current]) if (line) line.style.transform = OUT;
    };
    element.addEventListener('pointermove', show);
    element.addEventListener('pointerleave', hide);
    return () => {
      element.removeEventListener('pointermove', show);
      element.removeEventListener('pointerleave', hide);
    };
  }, [stage]);
  return (
    <div class="crosshair" aria-hidden="true">
      <div ref={horizontal} class="across" style={{ transform: OUT }} />
      <div ref={vertical} class="down" style={{ transform: OUT }} />
    </div>
  );
}

const OUT = 'translate(-9999px, -9999px)';
