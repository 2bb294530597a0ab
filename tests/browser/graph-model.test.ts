/** A TensorFlow.js export in Chromium, loaded by TensorFlow.js alone: WebGL and WebAssembly give the detector's predictions. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findChromium, launchChromium, NO_CHROMIUM, serveFolder } from '@froyolo/chromium';
import { createInterpreter } from '@froyolo/core';
import { writeGraphModel } from '@froyolo/export';
import { architectureYaml } from '@froyolo/model-yaml';
import { buildInferenceGraph, createDetector } from '@froyolo/yolo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const [HEIGHT, WIDTH] = [64, 96];
const PIXELS = HEIGHT * WIDTH;
const TOLERANCE = 1e-3;

/** What a page finds in its global scope. */
declare const tf: {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  getBackend(): string;
  loadGraphModel(
    url: string,
  ): Promise<{ execute(x: unknown, output: string): { data(): Promise<Float32Array> } }>;
  tensor4d(values: number[], shape: number[]): unknown;
  wasm: { setWasmPaths(path: string): void };
};

const yaml = architectureYaml('yolov5n').replace('width_multiple: 0.25', 'width_multiple: 0.02');
const detector = createDetector(yaml, { names: ['cat', 'dog'], seed: 1 });
const bytes = Uint8Array.from({ length: 3 * PIXELS }, (_, i) => (i * 7919) % 251);

/** Values in 0..1 with channels last. */
const image = Array.from(
  { length: 3 * PIXELS },
  (_, i) => Number(bytes[(i % 3) * PIXELS + Math.floor(i / 3)]) / 255,
);

/** Predictions, boxes as fractions of the image. */
async function expected(): Promise<number[]> {
  const program = await createInterpreter().compile(buildInferenceGraph(detector, [HEIGHT, WIDTH]));
  const shape = [1, 3, HEIGHT, WIDTH];
  const { predictions } = await program.run({ images: { dtype: 'uint8', shape, data: bytes } });
  const columns = predictions?.shape[2] ?? 1;
  return Array.from(predictions?.data ?? [], (value, i) => {
    const column = i % columns;
    return column > 3 ? value : value / (column % 2 === 0 ? WIDTH : HEIGHT);
  });
}

const require = createRequire(import.meta.url);
const distOf = (name: string) => join(dirname(require.resolve(`${name}/package.json`)), 'dist');

describe.skipIf(!findChromium())(`a graph model in Chromium (${NO_CHROMIUM})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-graph-model-'));
  let golden: number[];

  beforeAll(async () => {
    golden = await expected();
    for (const { name, bytes: content } of await writeGraphModel(detector, { imgsz: [HEIGHT, WIDTH] }))
      writeFileSync(join(folder, name), content);
    cpSync(join(distOf('@tensorflow/tfjs'), 'tf.min.js'), join(folder, 'tf.min.js'));
    const wasm = distOf('@tensorflow/tfjs-backend-wasm');
    for (const name of readdirSync(wasm).filter((one) =>
      /^(tfjs-.*\.wasm|tf-backend-wasm\.min\.js)$/.test(one),
    ))
      cpSync(join(wasm, name), join(folder, name));
    const scripts = ['tf.min.js', 'tf-backend-wasm.min.js'].map((name) => `<script src="${name}"></script>`);
    writeFileSync(join(folder, 'index.html'), `<!doctype html>${scripts.join('')}`);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['webgl', 'wasm'])(
    '%s',
    async (backend) => {
      const served = await serveFolder(folder);
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        await page.goto(served.url);
        const found = await page.evaluate(
          async ({ name, values, shape }) => {
            if (name === 'wasm') tf.wasm.setWasmPaths('/');
            await tf.setBackend(name);
            await tf.ready();
            const model = await tf.loadGraphModel('/model.json');
            const result = model.execute(tf.tensor4d(values, shape), 'predictions');
            return { backend: tf.getBackend(), data: [...(await result.data())] };
          },
          { name: backend, values: image, shape: [1, HEIGHT, WIDTH, 3] },
        );
        expect(found.backend).toBe(backend);
        expect(found.data).toHaveLength(golden.length);
        const worst = Math.max(...found.data.map((value, i) => Math.abs(value - Number(golden[i]))));
        expect(worst).toBeLessThan(TOLERANCE);
      } finally {
        await browser.close();
        await served.close();
      }
    },
    200_000,
  );
});
