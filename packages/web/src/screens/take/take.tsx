/** Taking the detector and the dataset home, each with the code that uses it. */
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { DatasetFormat } from '../../importing/api.js';
import { download, fileName } from '../../parts/download.js';
import { during, progress, work } from '../../state/busy.js';
import { done, kept, opened, project } from '../../state/project.js';
import { addressOf, route } from '../../state/route.js';
import { importer, trainer } from '../../state/workers.js';
import { texts } from '../../texts/index.js';
import { size } from '../../texts/numbers.js';
import { TAKEN_FORMATS, type TakenFormat } from '../../worker/api.js';
import { Code } from './code.js';
import { SNIPPETS } from './snippets.js';

/** The file that was written last. */
const taken = signal<{ readonly name: string; readonly bytes: number } | undefined>(undefined);

const DATASETS: readonly DatasetFormat[] = ['yolo', 'voc', 'coco'];

export function Take() {
  const { take: words } = texts.value;
  if (!project.value) return null;
  const isTrained = kept.value.length > 0;
  const isBusy = work.value !== undefined;
  return (
    <div class="page">
      <h1>{words.title}</h1>
      {taken.value && (
        <p class="hint" id="taken" role="status">
          {words.taken(taken.value.name, size(taken.value.bytes))}
        </p>
      )}
      <section class="card" aria-labelledby="take-detector">
        <h2 id="take-detector">{words.detector}</h2>
        {!isTrained && (
          <p>
            <a href={addressOf(route.value.project ?? '', 'train')}>{words.trainFirst}</a>
          </p>
        )}
        <ul class="takes">
          {TAKEN_FORMATS.map((format) => (
            <li key={format}>
              <div>
                <h3>{words.formats[format][0]}</h3>
                <p class="hint">{words.formats[format][1]}</p>
                <Code name={words.formats[format][0]} code={SNIPPETS[format](opened().training.imgsz)} />
              </div>
              <button
                type="button"
                id={`take-${format}`}
                disabled={!isTrained || isBusy}
                onClick={() => void takeFile(format)}
              >
                {words.save}
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section class="card" aria-labelledby="take-data">
        <h2 id="take-data">{words.dataset}</h2>
        <p class="hint">{words.datasetText(done.value.length)}</p>
        <div class="actions">
          {DATASETS.map((format) => (
            <button
              key={format}
              type="button"
              id={`take-${format}`}
              disabled={isBusy || done.value.length === 0}
              onClick={() => void takeDataset(format)}
            >
              {words.datasets[format]}
            </button>
          ))}
          <button type="button" id="take-project" disabled={isBusy} onClick={() => void takeProject()}>
            {words.project}
          </button>
        </div>
      </section>
    </div>
  );
}

function give(file: Blob, name: string): void {
  download(file, name);
  taken.value = { name, bytes: file.size };
}

async function takeFile(format: TakenFormat): Promise<void> {
  const which = format === 'last' || !kept.value.includes('best') ? 'last' : 'best';
  const made = await during('writing', () => trainer().take(which, format, opened().training.imgsz));
  if (made) give(made.file, format === 'page' ? `${fileName(opened().name)}.html` : made.name);
}

async function takeDataset(format: DatasetFormat): Promise<void> {
  const zip = await during('writing', () => importer().exportDataset(opened(), format));
  if (zip) give(zip, `${fileName(opened().name)}-${format}.zip`);
}

async function takeProject(): Promise<void> {
  const zip = await during('writing', () => importer().exportProject(opened(), proxy(progress)));
  if (zip) give(zip, `${fileName(opened().name)}.zip`);
}
