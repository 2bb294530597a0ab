/** A whole training epoch from image files: loading, augmentation, gradients, updates. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainOnFiles } from '@froyolo/run/node';
import { generateShapes } from '@froyolo/shapes/node';

/** What an epoch is of: a last batch that is full, too. */
export const EPOCH_IMAGES = 208;
const IMGSZ = 320;
/** The first epoch also warms everything up. */
const EPOCHS = 3;

/** Renders the dataset into a temporary folder and calls `use` with its YAML. */
export async function withDataset<T>(use: (dataYaml: string) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-bench-'));
  try {
    const classes = ['cross', 'ring', 'heart'] as const;
    const out = join(folder, 'shapes');
    return use(await generateShapes({ out, classes, train: EPOCH_IMAGES, val: 1, imgsz: IMGSZ }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of the best epoch, and the part of it in which the step waited for images. */
export async function epoch(depth: string, dataYaml: string): Promise<{ seconds: number; waiting: number }> {
  const project = mkdtempSync(join(tmpdir(), 'froyolo-bench-run-'));
  let best = { seconds: Number.POSITIVE_INFINITY, waiting: 0 };
  try {
    await trainOnFiles(
      {
        data: dataYaml,
        weights: '',
        cfg: 'yolov5n',
        freeze: [depth],
        project,
        device: 'cpu',
        imgsz: IMGSZ,
        batchSize: 16,
        epochs: EPOCHS,
        noval: true,
        nosave: true,
        noautoanchor: true,
      },
      {
        onEpoch: ({ seconds: { training, waiting } }) => {
          if (training < best.seconds) best = { seconds: training, waiting };
        },
      },
    );
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
  return best;
}
