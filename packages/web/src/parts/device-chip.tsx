/** The device in use; opened, it lists faster ones that don't work, and why. */

import { describe, device, lookForDevice, titleOf } from '../state/device.js';
import { project } from '../state/project.js';
import { texts } from '../texts/index.js';

export function DeviceChip() {
  const shown = device.value;
  const { device: words } = texts.value;
  if (shown.state === 'unknown') {
    const request = project.value?.training.device ?? 'auto';
    if (!project.value) return null;
    return (
      <button type="button" class="chip" onClick={() => void lookForDevice(request)}>
        {words.find}
      </button>
    );
  }
  return (
    <details class="device" data-state={shown.state}>
      <summary class="chip">
        <span class="dot" aria-hidden="true" />
        <span class="device-name">{nameOf(shown)}</span>
      </summary>
      <div class="pop">
        {shown.state === 'failed' && <p>{shown.reason}</p>}
        {'device' in shown && (
          <>
            <p>{words.version(shown.device.name, shown.device.version)}</p>
            {shown.state === 'limited' && <p>{words.notIsolated}</p>}
            {shown.device.passed.length > 0 && (
              <>
                <p>{words.faster}</p>
                <ul>
                  {shown.device.passed.map(({ name, reason }) => (
                    <li key={name}>
                      {titleOf(name)}: <span lang="en">{reason}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
    </details>
  );
}

function nameOf(shown: typeof device.value): string {
  const { device: words } = texts.value;
  if (shown.state === 'looking') return words.looking;
  if (shown.state === 'failed') return words.none;
  if (shown.state === 'limited') return `${describe(shown.device)} – ${words.whyNotMore}`;
  return 'device' in shown ? describe(shown.device) : '';
}
