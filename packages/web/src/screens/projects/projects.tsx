/** The visitor's projects: all of them are in this browser, nowhere else. */
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import { useEffect } from 'preact/hooks';
import { createProject, listProjects, type ProjectSummary } from '../../library/projects.js';
import { FileButton } from '../../parts/drop.js';
import { during, progress } from '../../state/busy.js';
import { showError } from '../../state/messages.js';
import { openShapes } from '../../state/opening.js';
import { addressOf, goTo } from '../../state/route.js';
import { importer } from '../../state/workers.js';
import { texts } from '../../texts/index.js';
import { ProjectCard } from './project-card.js';
import { StorageUse } from './storage-use.js';
import { WelcomePicture } from './welcome-picture.js';

const all = signal<readonly ProjectSummary[] | undefined>(undefined);

const read = () =>
  listProjects().then((found) => {
    all.value = found;
  }, showError);

export function Projects() {
  useEffect(() => void read(), []);
  const { projects: words } = texts.value;
  const list = all.value;
  if (!list) return null;
  return (
    <div class="page">
      {list.length === 0 ? (
        <Welcome />
      ) : (
        <>
          <div class="page-head">
            <h1>{words.title}</h1>
            <NewProject />
          </div>
          <ul class="projects">
            {list.map((summary) => (
              <ProjectCard key={summary.project.id} summary={summary} onChange={() => void read()} />
            ))}
          </ul>
          <StorageUse />
        </>
      )}
    </div>
  );
}

function Welcome() {
  const { projects: words } = texts.value;
  return (
    <section class="welcome">
      <div class="welcome-top">
        <div>
          <h1>{words.welcome}</h1>
          <p class="lead">{words.lead}</p>
          <NewProject />
        </div>
        <WelcomePicture />
      </div>
      <ol class="way">
        {words.way.map(([title, text]) => (
          <li key={title}>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ol>
      <p class="hint">{words.demoHint}</p>
    </section>
  );
}

function NewProject() {
  const { projects: words } = texts.value;
  return (
    <div class="actions">
      <button
        type="button"
        class="primary"
        id="new-project"
        onClick={() => void create(words.untitled((all.value?.length ?? 0) + 1))}
      >
        {words.create}
      </button>
      <FileButton
        id="import-project"
        label={words.import}
        accept=".zip"
        onFiles={([file]) => file && void importZip(file.blob)}
      />
      <button type="button" id="demo" onClick={() => void demo(words.demoName)}>
        {words.demo}
      </button>
    </div>
  );
}

async function create(name: string): Promise<void> {
  try {
    const { id } = await createProject(name);
    // Asks the browser to keep the storage: otherwise it may clear it when the disk is full.
    void navigator.storage?.persist?.();
    goTo(addressOf(id));
  } catch (error) {
    showError(error);
  }
}

async function demo(name: string): Promise<void> {
  const made = await openShapes(name);
  if (made) goTo(addressOf(made.id, 'train'));
}

async function importZip(zip: Blob): Promise<void> {
  await during('reading', () => importer().importProject(zip, proxy(progress)));
  await read();
}
