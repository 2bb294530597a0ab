// Times training steps of yolov5n (320 px, batch 16) in a page of headless Chromium on the machine's GPU, a browser for each
// freeze: one that is lost takes only its own figure with it.
//
//   node chrome.mjs DEVICE [FREEZES]     DEVICE: wgsl, tfjs-webgpu, ort-webgpu; `wgsl,half=true` in half precision
//
// Chromium is on the path, or FROYOLO_CHROMIUM names it. `scripts/gpu/bundle.sh` makes one file of this and builds the page.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, NO_CHROMIUM, openBuiltWorker } from '@froyolo/chromium';

const [device, freezes = '24,10,0'] = process.argv.slice(2);
const BATCH = 16;
const page = { folder: join(import.meta.dirname, 'pages/bench'), remove: async () => undefined };
const title = (freeze) => `OURS chromium:${device} yolov5n 320 b${BATCH} f${freeze}`;

async function time(freeze) {
  const worker = await openBuiltWorker(page, { hardwareGpu: true });
  try {
    const [name, option] = device.split(',');
    const { description, software } = await worker.call('open', name);
    const first = performance.now();
    const seconds = await worker.call('measure', freeze, option === 'half=true');
    const all = ((performance.now() - first) / 1000).toFixed(1);
    return `${(BATCH / seconds).toFixed(1)} img/s; ${description}${software ? ', imitated on the CPU' : ''}; in all ${all} s`;
  } finally {
    await worker.close();
  }
}

/** Why nothing can be timed here. */
function reasonAgainst() {
  if (!existsSync(join(page.folder, 'index.html'))) return `${page.folder} has no page`;
  try {
    return findChromium() ? undefined : NO_CHROMIUM;
  } catch (error) {
    return error.message;
  }
}

const firstLine = ({ message }) => message.split('\n')[0].slice(0, 300);
const reason = reasonAgainst();
if (reason) console.log(`OURS chromium:${device} NOT OPENED: ${reason}`);
else
  for (const freeze of freezes.split(',')) {
    const figures = await time(freeze).catch((error) => `FAILED ${firstLine(error)}`);
    console.log(`${title(freeze)}: ${figures}`);
  }
process.exit(0);
