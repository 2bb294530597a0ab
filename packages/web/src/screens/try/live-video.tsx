/** Boxes over a video that plays, as fast as the device finds them. */
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { BoxedPicture } from '../../parts/boxed-picture.js';
import { describe, device } from '../../state/device.js';
import { showError } from '../../state/messages.js';
import { texts } from '../../texts/index.js';
import type { Found } from '../../worker/api.js';
import { detectIn, shownBoxes, type TrySettings } from './detect.js';

interface LiveVideoProps extends TrySettings {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly isReady: boolean;
  readonly children: ComponentChildren;
}

/** Frames whose rate is shown. */
const WINDOW = 10;

export function LiveVideo({ video, isReady, children, ...settings }: LiveVideoProps) {
  const { try: words } = texts.value;
  const [found, setFound] = useState<Found>();
  const times = useRef<number[]>([]);
  const { which, iouThres } = settings;
  useEffect(() => {
    if (!isReady) return;
    let isGone = false;
    const loop = async () => {
      while (!isGone) {
        const element = video.current;
        if (!element || element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          continue;
        }
        const now = await detectIn(element, { which, iouThres });
        if (isGone) return;
        times.current = [...times.current, performance.now()].slice(-WINDOW);
        setFound(now);
        // A page that can't be seen needs no detections.
        await new Promise(requestAnimationFrame);
      }
    };
    loop().catch(showError);
    return () => {
      isGone = true;
      times.current = [];
    };
  }, [isReady, which, iouThres, video]);
  const [first = 0, last = 0] = [times.current[0], times.current.at(-1)];
  const rate = last > first ? (1000 * (times.current.length - 1)) / (last - first) : 0;
  const boxes = shownBoxes(found, settings);
  const where = 'device' in device.value ? describe(device.value.device) : '';
  return (
    <>
      <BoxedPicture width={found?.width ?? 16} height={found?.height ?? 9} boxes={boxes}>
        {children}
      </BoxedPicture>
      <p class="hint" id="live-info">
        {found ? words.live(boxes.length, rate, where) : words.looking}
      </p>
    </>
  );
}
