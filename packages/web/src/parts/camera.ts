/** The camera, and frames of videos as pictures. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { PageError } from '../errors/page-error.js';
import { wordsOf } from '../state/error-words.js';

const WIDTH = 1280;
const QUALITY = 0.92;

export interface Camera {
  /** For a `video` element. */
  readonly ref: preact.RefObject<HTMLVideoElement | null>;
  readonly isReady: boolean;
  /** The reason if there is no picture. */
  readonly problem?: string;
}

/** Runs the camera while the component is shown. */
export function useCamera(isOn = true): Camera {
  const ref = useRef<HTMLVideoElement>(null);
  const [isReady, setReady] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (!isOn) return;
    let stream: MediaStream | undefined;
    let isGone = false;
    const start = async () => {
      stream = await openCamera();
      if (isGone || !ref.current) return stop(stream);
      ref.current.srcObject = stream;
      await ref.current.play();
      setReady(true);
    };
    start().catch((error: unknown) => setProblem(wordsOf(error)));
    return () => {
      isGone = true;
      setReady(false);
      stop(stream);
    };
  }, [isOn]);
  return { ref, isReady, ...(problem === undefined ? {} : { problem }) };
}

async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new PageError('PAGE_CAMERA_ADDRESS');
  return navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: WIDTH }, facingMode: 'environment' },
  });
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The frame that a video shows, as a JPEG. */
export async function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const bitmap = await createImageBitmap(video);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}
