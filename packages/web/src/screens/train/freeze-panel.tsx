/** The network, layer by layer: what stays frozen and what learns, and what that costs. */
import { useEffect, useState } from 'preact/hooks';
import { showError } from '../../state/messages.js';
import { done, opened, weights } from '../../state/project.js';
import { choose } from '../../state/training.js';
import { trainer } from '../../state/workers.js';
import { texts } from '../../texts/index.js';
import { compact, size } from '../../texts/numbers.js';
import type { NetworkShape, PlanInfo } from '../../worker/api.js';
import { ComparePanel } from './compare-panel.js';
import { isFrozen, selectorOf, toggled, withDepth } from './freeze-choice.js';
import { useWholeSeconds } from './measured-rate.js';
import { NetworkPicture } from './network-picture.js';

export function FreezePanel() {
  const { freeze: words } = texts.value;
  const { training } = opened();
  const network = useNetwork(training.imgsz);
  const given = training.freeze;
  const plan = usePlan(given ?? 'backbone');
  const set = (freeze: string | undefined) => {
    choose({ freeze }).catch(showError);
  };
  if (!network) return null;
  const frozen = plan?.layers ?? [];
  return (
    <>
      <section class="card freeze" aria-labelledby="freeze-title">
        <h2 id="freeze-title">{words.title}</h2>
        <p class="hint">{words.what}</p>
        <div class="choices">
          <Choice
            id="freeze-auto"
            isOn={given === undefined}
            title={words.auto}
            text={words.autoText(done.value.length)}
            onChoose={() => set(undefined)}
          />
          <Choice
            id="freeze-0"
            isOn={given === '0'}
            title={words.nothing}
            text={words.nothingText}
            onChoose={() => set('0')}
          />
          <Choice
            id="freeze-10"
            isOn={given === '10' || given === 'backbone'}
            title={words.backbone}
            text={words.backboneText}
            onChoose={() => set('10')}
          />
          <Choice
            id="freeze-24"
            isOn={given === String(network.deepest)}
            title={words.head}
            text={words.headText}
            onChoose={() => set(String(network.deepest))}
          />
        </div>
        <NetworkPicture
          network={network}
          isFrozen={(index) => (plan ? isFrozen(frozen, index) : undefined)}
          isAutomatic={given === undefined}
          onDepth={(depth) => set(withDepth(depth))}
          onToggle={(index) => set(selectorOf(toggled(frozen, index)))}
        />
        {plan && <Costs plan={plan} isAutomatic={given === undefined} />}
        {given !== undefined && plan?.cached && (
          <label class="inline">
            <input
              type="checkbox"
              id="cache-features"
              checked={training.cacheFeatures === true}
              onChange={({ currentTarget }) =>
                choose({ cacheFeatures: currentTarget.checked }).catch(showError)
              }
            />
            {words.cacheFeatures}
          </label>
        )}
      </section>
      <ComparePanel deepest={network.deepest} />
    </>
  );
}

function useNetwork(imgsz: number): NetworkShape | undefined {
  const [network, setNetwork] = useState<NetworkShape>();
  const id = weights.value?.id;
  useEffect(() => {
    if (id) trainer().network(imgsz).then(setNetwork, showError);
  }, [id, imgsz]);
  return network;
}

/** The cost of a freeze, planned once the choice rests for a moment, since plans take a while. */
function usePlan(freeze: string): PlanInfo | undefined {
  const [plan, setPlan] = useState<PlanInfo>();
  const { imgsz, batchSize } = opened().training;
  const id = weights.value?.id;
  useEffect(() => {
    let isOld = false;
    const timer = setTimeout(() => {
      trainer()
        .plan(opened().training, freeze)
        .then((found) => {
          if (!isOld) setPlan(found);
        }, showError);
    }, 60);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [freeze, imgsz, batchSize, id]);
  return plan;
}

interface ChoiceProps {
  readonly id: string;
  readonly isOn: boolean;
  readonly title: string;
  readonly text: string;
  readonly onChoose: () => void;
}

function Choice({ id, isOn, title, text, onChoose }: ChoiceProps) {
  return (
    <button type="button" id={id} class="choice" aria-pressed={isOn} onClick={onChoose}>
      <strong>{title}</strong>
      <small>{text}</small>
    </button>
  );
}

function Costs({ plan, isAutomatic }: { plan: PlanInfo; isAutomatic: boolean }) {
  const { freeze: words } = texts.value;
  const { trainable, frozen, peakBytes, time, cached } = plan;
  const whole = useWholeSeconds();
  const epoch = whole === undefined ? undefined : whole * heldIn() * time;
  const percent = (value: number) => `${Math.max(1, Math.round(100 * value))}%`;
  return (
    <>
      <dl class="tiles" id="plan">
        <div>
          <dt>{words.learns}</dt>
          <dd>{percent(trainable / (trainable + frozen))}</dd>
          <dd class="note">{words.parameters(compact.format(trainable))}</dd>
        </div>
        <div>
          <dt>{words.memory}</dt>
          <dd>{size(peakBytes)}</dd>
          {cached && size(cached.peakBytes) !== size(peakBytes) && (
            <dd class="note">{words.cachedMemory(size(cached.peakBytes))}</dd>
          )}
        </div>
        <div>
          <dt>{words.time}</dt>
          <dd>{percent(time)}</dd>
          {cached && <dd class="note">{words.cachedTime(percent(cached.time))}</dd>}
          {epoch !== undefined && (
            <dd class="note" id="epoch-seconds">
              {words.epochTime(epoch)}
            </dd>
          )}
        </div>
      </dl>
      {peakBytes > MOST_BYTES && <p class="problem">{words.tooMuch(size(MOST_BYTES))}</p>}
      <p class="hint">{isAutomatic ? words.autoReason : words.timeReason}</p>
    </>
  );
}

/** Number of pictures per epoch. */
const heldIn = () => done.value.filter(({ split }) => split === 'train').length;

/** A WebAssembly memory has 32-bit addresses. */
const MOST_BYTES = 2 ** 32;
