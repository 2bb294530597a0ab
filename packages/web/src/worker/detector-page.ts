/** One HTML file that runs a detector: its model, the runtime and the code are inside. */
import loaderUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { PageError } from '../errors/page-error.js';
import type { ProjectClass } from '../library/types.js';
import playerUrl from '../player/main.ts?worker&url';
import { playerHtml } from './player-html.js';

export interface DetectorPage {
  readonly title: string;
  /** ONNX. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly imgsz: number;
  readonly classes: readonly ProjectClass[];
}

/** @throws PageError where parts of the page can't be loaded */
export async function detectorPage({ title, model, imgsz, classes }: DetectorPage): Promise<Blob> {
  const [wasm, loader, code] = await Promise.all([wasmUrl, loaderUrl, playerUrl].map(load));
  const settings = { imgsz, classes };
  const html = playerHtml({
    title,
    settings,
    model: await base64(new Blob([model])),
    wasm: await base64(wasm),
    loader: await base64(loader),
    code: await code.text(),
  });
  return new Blob(html, { type: 'text/html' });
}

async function load(url: string): Promise<Blob> {
  // Named relative to the worker's own file.
  const response = await fetch(new URL(url, location.href));
  if (!response.ok) throw new PageError('PAGE_PART_MISSING', `HTTP ${response.status}`);
  return response.blob();
}

async function base64(blob: Blob): Promise<string> {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => {
      const address = String(reader.result);
      resolve(address.slice(address.indexOf(',') + 1));
    };
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
