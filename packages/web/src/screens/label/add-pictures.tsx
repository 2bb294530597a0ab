/** Ways to bring pictures in: files, a folder, a zip, a video, the camera. */
import type { SourceFile } from '@froyolo/data/browser';
import { useState } from 'preact/hooks';
import { Drop, FileButton } from '../../parts/drop.js';
import { work } from '../../state/busy.js';
import { openFiles } from '../../state/opening.js';
import { texts } from '../../texts/index.js';
import { CameraDialog } from './camera-dialog.js';
import { VideoDialog } from './video-dialog.js';

const ACCEPTED = 'image/*,video/*,.zip,.txt,.xml,.json,.yaml,.yml,.names,.labels';
const VIDEO = /\.(mp4|m4v|mov|webm|ogv)$/i;

/** Shown before there are any pictures. */
export function NoPictures() {
  const { label: words } = texts.value;
  return (
    <div class="page">
      <Adding>
        {(open, buttons) => (
          <Drop class="big-drop" onFiles={open}>
            <h1>{words.addTitle}</h1>
            <p class="lead">{words.addText}</p>
            {buttons}
            <p class="hint">{words.addFormats}</p>
          </Drop>
        )}
      </Adding>
    </div>
  );
}

/** The same buttons, beside the list. */
export function AddPictures() {
  const { label: words } = texts.value;
  return (
    <details class="add">
      <summary class="button">{words.add}</summary>
      <Adding>{(_, buttons) => buttons}</Adding>
    </details>
  );
}

interface AddingProps {
  readonly children: (open: (files: SourceFile[]) => void, buttons: preact.JSX.Element) => preact.JSX.Element;
}

function Adding({ children }: AddingProps) {
  const { label: words } = texts.value;
  const [isCameraOpen, setCameraOpen] = useState(false);
  const [video, setVideo] = useState<SourceFile>();
  const open = (files: SourceFile[]) => {
    const [film] = files.filter(({ path }) => VIDEO.test(path));
    if (film) setVideo(film);
    else void openFiles(files);
  };
  const isBusy = work.value !== undefined;
  const buttons = (
    <div class="actions">
      <FileButton
        id="add-files"
        label={words.files}
        accept={ACCEPTED}
        primary
        disabled={isBusy}
        onFiles={open}
      />
      <FileButton id="add-folder" label={words.folder} folder disabled={isBusy} onFiles={open} />
      <button type="button" disabled={isBusy} onClick={() => setCameraOpen(true)}>
        {words.camera}
      </button>
    </div>
  );
  return (
    <>
      {children(open, buttons)}
      {isCameraOpen && <CameraDialog onClose={() => setCameraOpen(false)} />}
      {video && <VideoDialog video={video} onClose={() => setVideo(undefined)} />}
    </>
  );
}
