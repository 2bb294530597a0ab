/** Frames of a video as pictures. */

import type { SourceFile } from '@froyolo/data/browser';
import { useRef, useState } from 'preact/hooks';
import { PageError } from '../../errors/page-error.js';
import { useBlobUrl } from '../../parts/blob-url.js';
import { frameOf } from '../../parts/camera.js';
import { Dialog } from '../../parts/dialog.js';
import { showError } from '../../state/messages.js';
import { addFrames } from '../../state/opening.js';
import { texts } from '../../texts/index.js';

/** More frames than this are likely a mistake. */
const MOST = 500;

export function VideoDialog({ video, onClose }: { video: SourceFile; onClose: () => void }) {
  const { video: words } = texts.value;
  const element = useRef<HTMLVideoElement>(null);
  const [length, setLength] = useState(0);
  const [every, setEvery] = useState(1);
  const [taken, setTaken] = useState<number>();
  const url = useBlobUrl(video.path, async () => video.blob);
  const total = Math.min(MOST, Math.max(1, Math.floor(length / every)));
  const cut = async () => {
    const player = element.current;
    if (!player) return;
    const frames: SourceFile[] = [];
    for (let i = 0; i < total; i++) {
      setTaken(i);
      await seek(player, i * every);
      const path = `${video.path.replace(/\.[^.]+$/, '')}-${String(i + 1).padStart(4, '0')}.jpg`;
      frames.push({ path, blob: await frameOf(player) });
    }
    onClose();
    await addFrames(frames);
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <video
        ref={element}
        class="camera"
        src={url}
        muted
        playsInline
        onLoadedMetadata={({ currentTarget }) => setLength(currentTarget.duration)}
      />
      <label class="inline">
        {words.every}
        <input
          type="number"
          min="0.1"
          step="0.1"
          value={every}
          onInput={({ currentTarget }) => setEvery(Math.max(0.1, currentTarget.valueAsNumber || 1))}
        />
      </label>
      {taken !== undefined && <progress max={total} value={taken} aria-label={words.title} />}
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={length === 0 || taken !== undefined}
          onClick={() => cut().catch(showError)}
        >
          {words.cut(total)}
        </button>
        <button type="button" onClick={onClose}>
          {texts.value.cancel}
        </button>
      </div>
    </Dialog>
  );
}

function seek(player: HTMLVideoElement, seconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    player.addEventListener('seeked', () => resolve(), { once: true });
    player.addEventListener('error', () => reject(new PageError('PAGE_VIDEO')), {
      once: true,
    });
    player.currentTime = seconds;
  });
}
