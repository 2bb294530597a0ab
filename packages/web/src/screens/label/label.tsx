/** Pictures and their labels: the list, the stage, the classes. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Drop } from '../../parts/drop.js';
import { current, currentId } from '../../state/labels.js';
import { openFiles } from '../../state/opening.js';
import { pictures } from '../../state/project.js';
import { addressOf, route } from '../../state/route.js';
import { texts } from '../../texts/index.js';
import { AddPictures, NoPictures } from './add-pictures.js';
import { BoxList } from './box-list.js';
import { ClassList } from './class-list.js';
import { handleKey } from './keys.js';
import { PictureList } from './picture-list.js';
import { ShortcutSheet } from './shortcut-sheet.js';
import { SplitPanel } from './split-panel.js';
import { Stage } from './stage.js';
import { SuggestPanel } from './suggest-panel.js';
import { Toolbar } from './toolbar.js';

const isSheetOpen = signal(false);

export function Label() {
  useEffect(() => {
    if (!current.value) currentId.value = (pictures.value.find(({ done }) => !done) ?? pictures.value[0])?.id;
    const onKey = (event: KeyboardEvent) => {
      if (handleKey(event, () => (isSheetOpen.value = true))) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  if (pictures.value.length === 0) return <NoPictures />;
  return (
    <Drop class="label-screen" onFiles={(files) => void openFiles(files)}>
      <h1 class="hidden">{texts.value.steps.label}</h1>
      <aside class="side pictures-side">
        <AddPictures />
        <PictureList />
      </aside>
      <div class="stage-column">
        <Toolbar onHelp={() => (isSheetOpen.value = true)} />
        <Stage />
      </div>
      <aside class="side tools-side">
        <ClassList />
        <BoxList />
        <SuggestPanel />
        <SplitPanel />
        <a class="button primary next-step" href={addressOf(route.value.project ?? '', 'train')}>
          {texts.value.label.next}
        </a>
      </aside>
      {isSheetOpen.value && <ShortcutSheet onClose={() => (isSheetOpen.value = false)} />}
    </Drop>
  );
}
