/** The checkpoint that trainings start from. */
import { useEffect, useState } from 'preact/hooks';
import type { OpenedWeights } from '../../library/types.js';
import { listWeights } from '../../library/weights.js';
import { Drop, FileButton } from '../../parts/drop.js';
import { work } from '../../state/busy.js';
import { showError } from '../../state/messages.js';
import { openWeights, useWeights } from '../../state/opening.js';
import { weights } from '../../state/project.js';
import { texts } from '../../texts/index.js';
import { compact } from '../../texts/numbers.js';

/** Where the official checkpoint is: opened by the visitor, since its license is not ours. */
const OFFICIAL = 'https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5n.pt';

export function WeightsPanel() {
  const { weights: words } = texts.value;
  const [others, setOthers] = useState<readonly OpenedWeights[]>([]);
  const id = weights.value?.id;
  useEffect(() => {
    listWeights().then((all) => setOthers(all.filter((one) => one.id !== id)), showError);
  }, [id]);
  const shown = weights.value;
  const isBusy = work.value !== undefined;
  return (
    <Drop class="card" onFiles={([file]) => file && !isBusy && void openWeights(file.blob, file.path)}>
      <h2>{words.title}</h2>
      {shown ? (
        <p id="weights-info">
          <strong>{shown.name}</strong>{' '}
          <span class="hint">
            {words.facts(shown.layers, compact.format(shown.parameters), shown.classes.length)}
          </span>
        </p>
      ) : (
        <p class="hint">
          {words.needed}{' '}
          <a href={OFFICIAL} rel="noreferrer">
            yolov5n.pt
          </a>{' '}
          {words.license}
        </p>
      )}
      <div class="actions">
        <FileButton
          id="weights-file"
          label={shown ? words.other : words.open}
          accept=".pt,.safetensors"
          primary={!shown}
          disabled={isBusy}
          onFiles={([file]) => file && void openWeights(file.blob, file.path)}
        />
        {others.slice(0, 3).map((one) => (
          <button
            key={one.id}
            type="button"
            disabled={isBusy}
            onClick={() => useWeights(one).catch(showError)}
          >
            {one.name}
          </button>
        ))}
      </div>
    </Drop>
  );
}
