/** Detections in a picture or a video of the visitor's own. */
import type { SourceFile } from '@froyolo/data/browser';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useBlobUrl } from '../../parts/blob-url.js';
import { BoxedPicture } from '../../parts/boxed-picture.js';
import { Drop, FileButton } from '../../parts/drop.js';
import { showError } from '../../state/messages.js';
import { texts } from '../../texts/index.js';
import type { Found } from '../../worker/api.js';
import { detectIn, shownBoxes, type TrySettings } from './detect.js';
import { DetectionTable } from './detection-table.js';
import { LiveVideo } from './live-video.js';

export function OwnFile(settings: TrySettings) {
  const { try: words } = texts.value;
  const [file, setFile] = useState<SourceFile>();
  const isVideo = file?.blob.type.startsWith('video/');
  return (
    <Drop class="card" onFiles={([first]) => first && setFile(first)}>
      <div class="actions">
        <FileButton
          id="own-file"
          label={words.open}
          accept="image/*,video/*"
          primary
          onFiles={([first]) => first && setFile(first)}
        />
        <span class="hint">{words.drop}</span>
      </div>
      {file && (isVideo ? <OwnVideo file={file} {...settings} /> : <OwnPicture file={file} {...settings} />)}
    </Drop>
  );
}

type OwnProps = TrySettings & { readonly file: SourceFile };

function OwnPicture({ file, ...settings }: OwnProps) {
  const { try: words } = texts.value;
  const [found, setFound] = useState<Found>();
  const [isLooking, setLooking] = useState(true);
  const { which, iouThres } = settings;
  const url = useBlobUrl(`${file.path} ${file.blob.size}`, async () => file.blob);
  useEffect(() => {
    let isOld = false;
    setLooking(true);
    detectIn(file.blob, { which, iouThres })
      .then((now) => {
        if (!isOld) setFound(now);
      }, showError)
      .finally(() => setLooking(false));
    return () => {
      isOld = true;
    };
  }, [file, which, iouThres]);
  const boxes = shownBoxes(found, settings);
  return (
    <>
      <p class="hint" id="own-info" role="status">
        {found && !isLooking ? words.found(file.path, boxes.length, found.milliseconds) : words.looking}
      </p>
      {found && (
        <BoxedPicture width={found.width} height={found.height} boxes={boxes}>
          {url && <img src={url} alt="" />}
        </BoxedPicture>
      )}
      {boxes.length > 0 && <DetectionTable boxes={boxes} />}
    </>
  );
}

function OwnVideo({ file, ...settings }: OwnProps) {
  const video = useRef<HTMLVideoElement>(null);
  const url = useBlobUrl(`${file.path} ${file.blob.size}`, async () => file.blob);
  return (
    <LiveVideo video={video} isReady={url !== undefined} {...settings}>
      <video ref={video} src={url} muted playsInline autoPlay loop controls />
    </LiveVideo>
  );
}
