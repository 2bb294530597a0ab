/** Pictures from the camera, by button or by timer. */
import type { SourceFile } from '@froyolo/data/browser';
import { useEffect, useState } from 'preact/hooks';
import { frameOf, useCamera } from '../../parts/camera.js';
import { Dialog } from '../../parts/dialog.js';
import { showError } from '../../state/messages.js';
import { addFrames } from '../../state/opening.js';
import { texts } from '../../texts/index.js';

export function CameraDialog({ onClose }: { onClose: () => void }) {
  const { camera: words } = texts.value;
  const { ref, isReady, problem } = useCamera();
  const [taken, setTaken] = useState<readonly SourceFile[]>([]);
  const [seconds, setSeconds] = useState(0);
  const take = async () => {
    if (!ref.current) return;
    const blob = await frameOf(ref.current);
    const path = `camera-${new Date().toISOString().replace(/[:.]/g, '-')}.jpg`;
    setTaken((before) => [...before, { path, blob }]);
  };
  useEffect(() => {
    if (seconds === 0 || !isReady) return;
    const timer = setInterval(() => take().catch(showError), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, isReady]);
  return (
    <Dialog title={words.title} onClose={onClose}>
      {problem && <p class="problem">{words.problem(problem)}</p>}
      <video ref={ref} class="camera" muted playsInline />
      <div class="actions">
        <button
          type="button"
          class="primary"
          id="take-picture"
          disabled={!isReady}
          onClick={() => void take()}
        >
          {words.take}
        </button>
        <label class="inline">
          {words.every}
          <select value={seconds} onChange={({ currentTarget }) => setSeconds(Number(currentTarget.value))}>
            {[0, 1, 2, 5, 10].map((value) => (
              <option key={value} value={value}>
                {value === 0 ? words.never : words.seconds(value)}
              </option>
            ))}
          </select>
        </label>
        <span class="hint" role="status">
          {words.taken(taken.length)}
        </span>
      </div>
      <div class="actions">
        <button
          type="button"
          class="primary"
          id="keep-pictures"
          disabled={taken.length === 0}
          onClick={() => {
            onClose();
            void addFrames(taken);
          }}
        >
          {words.keep(taken.length)}
        </button>
        <button type="button" onClick={onClose}>
          {texts.value.cancel}
        </button>
      </div>
    </Dialog>
  );
}
