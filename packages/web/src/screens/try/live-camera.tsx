/** Detections over the camera's picture. */
import { useCamera } from '../../parts/camera.js';
import { texts } from '../../texts/index.js';
import type { TrySettings } from './detect.js';
import { LiveVideo } from './live-video.js';

export function LiveCamera(settings: TrySettings) {
  const { ref, isReady, problem } = useCamera();
  return (
    <section class="card">
      {problem && <p class="problem">{texts.value.camera.problem(problem)}</p>}
      <LiveVideo video={ref} isReady={isReady} {...settings}>
        <video ref={ref} muted playsInline />
      </LiveVideo>
    </section>
  );
}
