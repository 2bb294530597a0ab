/** The network as the picture flows through it: widths are channels, heights are sizes. */

import { texts } from '../../texts/index.js';
import { compact } from '../../texts/numbers.js';
import type { LayerShape, NetworkShape } from '../../worker/api.js';

interface NetworkPictureProps {
  readonly network: NetworkShape;
  /** Undefined until it is known. */
  readonly isFrozen: (index: number) => boolean | undefined;
  readonly isAutomatic: boolean;
  readonly onDepth: (depth: number) => void;
  readonly onToggle: (index: number) => void;
}

export function NetworkPicture({ network, isFrozen, isAutomatic, onDepth, onToggle }: NetworkPictureProps) {
  const { freeze: words } = texts.value;
  const { layers, deepest } = network;
  const free = layers.findIndex(({ index, parameters }) => parameters > 0 && !isFrozen(index));
  const depth = free < 0 ? deepest : free;
  const tallest = Math.max(...layers.map(({ height = 0 }) => height));
  return (
    <div class={`network ${isAutomatic ? 'automatic' : ''}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={words.network}>
        <div class="network-inner" style={{ '--layers': layers.length }}>
          <ol class="layers">
            {layers.map((layer) => (
              <Layer
                key={layer.index}
                layer={layer}
                tallest={tallest}
                isFrozen={isFrozen(layer.index)}
                canChange={layer.section !== 'head' && layer.parameters > 0}
                onToggle={() => onToggle(layer.index)}
              />
            ))}
          </ol>
          <input
            type="range"
            id="freeze-depth"
            aria-label={words.depth}
            aria-valuetext={words.depthText(depth)}
            min="0"
            max={layers.length}
            step="1"
            value={depth}
            onInput={({ currentTarget }) => onDepth(Math.min(deepest, currentTarget.valueAsNumber))}
          />
        </div>
      </section>
      <p class="legend">
        <span>
          <i class={isAutomatic ? 'both' : 'frozen'} /> {isAutomatic ? words.both : words.frozen}
        </span>
        <span>
          <i class="learning" /> {words.learning}
        </span>
        <span class="hint">{words.depthHint}</span>
      </p>
    </div>
  );
}

interface LayerProps {
  readonly layer: LayerShape;
  readonly tallest: number;
  readonly isFrozen: boolean | undefined;
  readonly canChange: boolean;
  readonly onToggle: () => void;
}

function Layer({ layer, tallest, isFrozen, canChange, onToggle }: LayerProps) {
  const { freeze: words } = texts.value;
  const { index, type, section, parameters, channels, height, width } = layer;
  const shape = channels === undefined ? '' : `${channels}×${height}×${width}`;
  const about = words.layer(index, type, words.sections[section], compact.format(parameters), shape);
  // Takes square roots, so that the smallest stays visible.
  const tall = height === undefined ? 1 : Math.sqrt(height / tallest);
  const state = parameters === 0 || isFrozen === undefined ? 'plain' : isFrozen ? 'frozen' : 'learning';
  return (
    <li class={`layer ${state} ${section}`}>
      <button
        type="button"
        aria-pressed={isFrozen ?? false}
        title={about}
        disabled={!canChange}
        onClick={onToggle}
      >
        <span class="block" style={{ '--tall': tall, '--wide': Math.min(1, (channels ?? 256) / 256) }} />
        <span class="name">{type}</span>
        <span class="index">{index}</span>
        <span class="hidden">{about}</span>
      </button>
    </li>
  );
}
