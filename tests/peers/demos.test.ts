/**
 * Demos of others with our files in place of theirs, in Chromium, their sources unchanged: Hyuto/yolov5-onnxruntime-web and
 * Hyuto/yolov5-tfjs. `FROYOLO_PEERS/demos` holds the repositories beside a `node_modules` with what they import,
 * `@techstark/opencv-js`, vite 5 and its plugin for React.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findChromium, launchChromium, serveFolder } from '@froyolo/chromium';
import { exportModel } from '@froyolo/export';
import { sharedPath } from '@froyolo/testing';
import { loadCheckpoint } from '@froyolo/weights';
import { afterAll, describe, expect, test } from 'vitest';
import { WEIGHTS } from './peers.js';

const peers = process.env.FROYOLO_PEERS ?? '';
const demos = join(peers, 'demos');
const BUS = sharedPath('data/images/bus.jpg');
const available =
  peers !== '' && existsSync(join(demos, 'node_modules')) && existsSync(BUS) && findChromium();

describe.skipIf(!available)(
  'demos of others find the bus with our files (skipped without FROYOLO_PEERS/demos, Chromium and ../shared)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'froyolo-demos-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** A copy of a demo with an export of yolov5n. */
    async function demoWith(name: string, format: 'onnx' | 'tfjs', into: string): Promise<string> {
      const root = join(folder, name);
      cpSync(join(demos, name), root, { recursive: true });
      symlinkSync(join(demos, 'node_modules'), join(root, 'node_modules'));
      rmSync(join(root, into, 'yolov5n_web_model'), { recursive: true, force: true });
      const checkpoint = loadCheckpoint(readFileSync(WEIGHTS));
      // The demo of TensorFlow.js asks the model for its size: WebGL without a GPU takes minutes for large ones.
      const imgsz = format === 'tfjs' ? 320 : 640;
      for (const { path, bytes } of await exportModel(checkpoint, {
        include: [format],
        name: 'yolov5n',
        imgsz,
      })) {
        const file = join(root, into, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
      return root;
    }

    function build(root: string, ...args: string[]): string {
      const vite = join(demos, 'node_modules/.bin/vite');
      execFileSync(vite, ['build', '--outDir', join(root, 'dist'), '--base', '/', ...args], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return join(root, 'dist');
    }

    /** Shows the bus to a demo; gives the labels that it writes on its canvas. */
    async function labelsIn(built: string): Promise<string[]> {
      const served = await serveFolder(built);
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        const failed: string[] = [];
        page.on('pageerror', (error) => failed.push(String(error)));
        await page.addInitScript(() => {
          const drawn: string[] = [];
          Object.assign(globalThis, { drawn });
          const { fillText } = CanvasRenderingContext2D.prototype;
          CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
            drawn.push(text);
            return fillText.call(this, text, ...rest);
          };
        });
        await page.goto(served.url);
        const isReady = () => document.querySelector('#root > *') && !document.querySelector('.wrapper');
        await page.waitForFunction(isReady, undefined, { timeout: 200_000 });
        await page.setInputFiles('input[type=file][accept*=image]', BUS);
        const isDrawn = () => (globalThis as unknown as { drawn: string[] }).drawn.length > 0;
        await page.waitForFunction(isDrawn, undefined, { timeout: 200_000 }).catch((error: unknown) => {
          throw new Error(`${error}; errors of the page: ${failed.join('; ')}`);
        });
        return await page.evaluate(() => (globalThis as unknown as { drawn: string[] }).drawn);
      } finally {
        await browser.close();
        await served.close();
      }
    }

    const classesOf = (labels: readonly string[]) => labels.map((label) => label.split(' - ')[0]);

    test('yolov5-onnxruntime-web', async () => {
      const root = await demoWith('yolov5-onnxruntime-web', 'onnx', 'public/model');
      cpSync(
        join(demos, 'node_modules/@techstark/opencv-js/dist/opencv.js'),
        join(root, 'public/opencv-4.5.5.js'),
      );
      // What create-react-app does: the page names the entry, `.js` files hold JSX.
      const html = readFileSync(join(root, 'public/index.html'), 'utf8').replaceAll('%PUBLIC_URL%', '');
      const entry = '<script type="module" src="/src/index.js"></script></body>';
      writeFileSync(join(root, 'index.html'), html.replace('</body>', entry));
      const config = {
        esbuild: { loader: 'jsx', include: 'JSX', exclude: [] },
        define: { 'process.env.PUBLIC_URL': '""' },
        build: { commonjsOptions: { transformMixedEsModules: true } },
      };
      const text = JSON.stringify(config).replace('"JSX"', '/src\\/.*\\.js$/');
      writeFileSync(join(root, 'vite.config.js'), `export default ${text};\n`);
      rmSync(join(root, 'public/index.html'));
      const labels = await labelsIn(build(root));
      expect(classesOf(labels)).toContain('bus');
      expect(classesOf(labels).filter((name) => name === 'person').length).toBeGreaterThan(1);
    }, 600_000);

    test('yolov5-tfjs', async () => {
      const labels = await labelsIn(build(await demoWith('yolov5-tfjs', 'tfjs', 'public')));
      expect(classesOf(labels)).toContain('bus');
      expect(classesOf(labels).filter((name) => name === 'person').length).toBeGreaterThan(1);
    }, 600_000);
  },
);
