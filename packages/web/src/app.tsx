/** The frame of the page: where the visitor is, and what runs. */
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { BusyBar } from './parts/busy-bar.js';
import { DeviceChip } from './parts/device-chip.js';
import { Lazy } from './parts/lazy.js';
import { Messages } from './parts/messages.js';
import { busy } from './state/busy.js';
import { forgetChanges } from './state/labels.js';
import { clearMessages, showError } from './state/messages.js';
import { closeProject, done, kept, openProject, pictures, project } from './state/project.js';
import { addressOf, goTo, route, SCREENS, type Screen } from './state/route.js';
import { isSaving } from './state/saving.js';
import { forgetSuggestions } from './state/suggestions.js';
import { stop } from './state/training.js';
import { chooseLanguage, LANGUAGES, type Language, language, texts } from './texts/index.js';

/** Screens, each loaded when it is first shown. */
const LOADERS = {
  projects: () => import('./screens/projects/projects.js').then(({ Projects }) => Projects),
  label: () => import('./screens/label/label.js').then(({ Label }) => Label),
  train: () => import('./screens/train/train.js').then(({ Train }) => Train),
  try: () => import('./screens/try/try.js').then(({ Try }) => Try),
  take: () => import('./screens/take/take.js').then(({ Take }) => Take),
};

export function App() {
  useSignalEffect(() => {
    const { project: id } = route.value;
    if (id === undefined) leave();
    else void enter(id);
  });
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (busy.value || isSaving()) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    // Keeps files dropped beside a drop area from replacing the page.
    const ignore = (event: DragEvent) => event.preventDefault();
    window.addEventListener('dragover', ignore);
    window.addEventListener('drop', ignore);
  }, []);
  const { screen } = route.value;
  const isOpen = project.value !== undefined && route.value.project === project.value.id;
  const shown = route.value.project === undefined ? 'projects' : screen;
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {texts.value.skip}
      </button>
      <header class="top">
        <a class="brand" href="#/">
          <img src="./icon.svg" alt="" width="30" height="30" />
          <span>Froyolo</span>
        </a>
        {isOpen && <span class="project-name">{project.value?.name}</span>}
        {isOpen && <Steps current={screen} />}
        <div class="top-end">
          <DeviceChip />
          <LanguageChoice />
        </div>
      </header>
      <Messages />
      <BusyBar />
      <main id="main" tabIndex={-1}>
        {(isOpen || shown === 'projects') && <Lazy key={shown} load={LOADERS[shown]} />}
      </main>
    </>
  );
}

async function enter(id: string): Promise<void> {
  try {
    await openProject(id);
  } catch (error) {
    goTo('#/');
    showError(error);
  }
}

function leave(): void {
  if (busy.peek()?.work === 'training') void stop();
  closeProject();
  forgetChanges();
  forgetSuggestions();
}

function skip(): void {
  document.getElementById('main')?.focus();
}

/** The way from pictures to a detector, with how far the project is. */
function Steps({ current }: { current: Screen }) {
  const { steps } = texts.value;
  const id = project.value?.id ?? '';
  const facts: Record<Screen, string> = {
    label: `${done.value.length}/${pictures.value.length}`,
    train: '',
    try: kept.value.length > 0 ? '✓' : '',
    take: '',
  };
  return (
    <nav class="steps" aria-label={steps.title}>
      {SCREENS.map((screen) => (
        <a
          key={screen}
          href={addressOf(id, screen)}
          aria-current={screen === current ? 'page' : undefined}
          onClick={clearMessages}
        >
          {steps[screen]}
          {facts[screen] && <span class="fact">{facts[screen]}</span>}
        </a>
      ))}
    </nav>
  );
}

function LanguageChoice() {
  return (
    <select
      class="language"
      aria-label={texts.value.language}
      value={language.value}
      onChange={({ currentTarget }) => void chooseLanguage(currentTarget.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
}
