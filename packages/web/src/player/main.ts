/** The code of a detector's page: finds objects in the camera's picture and in files, without any network. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { detectionsOf, type Found } from './detections.js';
import { draw } from './draw.js';

interface Settings {
  readonly imgsz: number;
  readonly classes: readonly { readonly name: string; readonly color: string }[];
}

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const textOf = (id: string) => byId(id).textContent ?? '';
const status = (text: string) => {
  byId('status').textContent = text;
};

const settings: Settings = JSON.parse(decoded(textOf('settings')));
const canvas = byId<HTMLCanvasElement>('canvas');
const video = byId<HTMLVideoElement>('video');

/** The text of a script element isn't parsed as HTML. */
function decoded(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const text = atob(textOf(id));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function open(): Promise<InferenceSession> {
  env.wasm.numThreads = 1;
  const loader = new Blob([bytesOf('loader')], { type: 'text/javascript' });
  env.wasm.wasmPaths = { mjs: URL.createObjectURL(loader) };
  env.wasm.wasmBinary = bytesOf('wasm').buffer;
  return InferenceSession.create(bytesOf('model'), { executionProviders: ['wasm'] });
}

/** Scales a picture into a gray square, as training did. */
function feed(source: CanvasImageSource, width: number, height: number) {
  const { imgsz } = settings;
  const scale = Math.min(imgsz / width, imgsz / height);
  const [left, top] = [(imgsz - width * scale) / 2, (imgsz - height * scale) / 2];
  const context = new OffscreenCanvas(imgsz, imgsz).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas');
  context.fillStyle = 'rgb(114 114 114)';
  context.fillRect(0, 0, imgsz, imgsz);
  context.drawImage(source, left, top, width * scale, height * scale);
  const { data } = context.getImageData(0, 0, imgsz, imgsz);
  const area = imgsz * imgsz;
  const values = new Float32Array(3 * area);
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) values[c * area + i] = (data[4 * i + c] ?? 0) / 255;
  return { values, scale, left, top };
}

async function detect(
  session: InferenceSession,
  source: CanvasImageSource,
  width: number,
  height: number,
): Promise<readonly Found[]> {
  const { imgsz, classes } = settings;
  const { values, scale, left, top } = feed(source, width, height);
  const images = new Tensor('float32', values, [1, 3, imgsz, imgsz]);
  const outputs = await session.run({ images });
  const rows = outputs.output0?.data as Float32Array;
  const least = byId<HTMLInputElement>('confidence').valueAsNumber;
  return detectionsOf(rows, classes.length, least).map(({ box: [x1, y1, x2, y2], ...rest }) => ({
    ...rest,
    box: [(x1 - left) / scale, (y1 - top) / scale, (x2 - left) / scale, (y2 - top) / scale],
  }));
}

async function show(session: InferenceSession, source: CanvasImageSource, width: number, height: number) {
  const started = performance.now();
  const found = await detect(session, source, width, height);
  const milliseconds = Math.round(performance.now() - started);
  draw(canvas, { source, width, height, found, classes: settings.classes });
  const names = found.map(
    ({ classId, confidence }) => `${settings.classes[classId]?.name} ${confidence.toFixed(2)}`,
  );
  canvas.ariaLabel = `Detected: ${names.join(', ') || 'nothing'}`;
  status(`${found.length} found in ${milliseconds} ms`);
}

async function startCamera(session: InferenceSession): Promise<void> {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  await video.play();
  for (;;) {
    await show(session, video, video.videoWidth, video.videoHeight);
    await new Promise(requestAnimationFrame);
  }
}

const fail = (error: unknown) => status(error instanceof Error ? error.message : String(error));

const session = open();
session.then(() => status('Ready'), fail);
byId('camera').addEventListener('click', () => session.then(startCamera).catch(fail));
byId<HTMLInputElement>('file').addEventListener('change', async ({ currentTarget }) => {
  const file = (currentTarget as HTMLInputElement).files?.[0];
  if (!file) return;
  try {
    const bitmap = await createImageBitmap(file);
    await show(await session, bitmap, bitmap.width, bitmap.height);
  } catch (error) {
    fail(error);
  }
});
