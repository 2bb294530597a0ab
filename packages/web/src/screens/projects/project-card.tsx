/** A project in the list. */
import { proxy } from 'comlink';
import { useState } from 'preact/hooks';
import { deleteProject, duplicateProject, type ProjectSummary, saveProject } from '../../library/projects.js';
import { useBlobUrl } from '../../parts/blob-url.js';
import { Confirm } from '../../parts/dialog.js';
import { download, fileName } from '../../parts/download.js';
import { during, progress } from '../../state/busy.js';
import { addressOf } from '../../state/route.js';
import { importer } from '../../state/workers.js';
import { texts } from '../../texts/index.js';

interface CardProps {
  readonly summary: ProjectSummary;
  readonly onChange: () => void;
}

export function ProjectCard({ summary, onChange }: CardProps) {
  const { project, thumbnail } = summary;
  const { projects: words } = texts.value;
  const [isRenamed, setRenamed] = useState(false);
  const [isDeleted, setDeleted] = useState(false);
  const url = useBlobUrl(project.id, async () => thumbnail);
  const change = async (work: () => Promise<unknown>) => {
    await during('copying', work);
    onChange();
  };
  return (
    <li class="project">
      <div class="cover">{url && <img src={url} alt="" />}</div>
      <div class="about">
        {isRenamed ? (
          <Rename
            name={project.name}
            onDone={(name) => {
              setRenamed(false);
              if (name) void change(() => saveProject({ ...project, name, modified: Date.now() }));
            }}
          />
        ) : (
          <h2>
            <a href={addressOf(project.id)}>{project.name}</a>
          </h2>
        )}
        <p class="hint">{words.facts(summary.pictures, summary.done, summary.boxes, summary.bytes)}</p>
        <p class="hint">{words.changed(new Date(project.modified))}</p>
        <div class="actions small">
          <button type="button" onClick={() => setRenamed(true)}>
            {words.rename}
          </button>
          <button
            type="button"
            onClick={() => void change(() => duplicateProject(project, words.copyOf(project.name)))}
          >
            {words.duplicate}
          </button>
          <button type="button" onClick={() => void save(summary)}>
            {words.export}
          </button>
          <button type="button" class="danger" onClick={() => setDeleted(true)}>
            {words.delete}
          </button>
        </div>
      </div>
      {isDeleted && (
        <Confirm
          title={words.deleteTitle(project.name)}
          text={words.deleteText(summary.pictures)}
          action={words.delete}
          onConfirm={() => void change(() => deleteProject(project.id))}
          onClose={() => setDeleted(false)}
        />
      )}
    </li>
  );
}

async function save({ project }: ProjectSummary): Promise<void> {
  const zip = await during('writing', () => importer().exportProject(project, proxy(progress)));
  if (zip) download(zip, `${fileName(project.name)}.zip`);
}

function Rename({ name, onDone }: { name: string; onDone: (name: string | undefined) => void }) {
  const { projects: words } = texts.value;
  const [text, setText] = useState(name);
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(text.trim() || undefined);
      }}
    >
      <input
        type="text"
        aria-label={words.name}
        value={text}
        maxLength={200}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={({ key }) => key === 'Escape' && onDone(undefined)}
        ref={(input) => input?.focus()}
      />
      <button type="submit" class="primary">
        {texts.value.save}
      </button>
    </form>
  );
}
