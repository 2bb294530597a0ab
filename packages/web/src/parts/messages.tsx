/** What the page has to say, above everything else. */
import { close, messages } from '../state/messages.js';
import { texts } from '../texts/index.js';

export function Messages() {
  return (
    <div class="messages" role="status" aria-live="polite">
      {messages.value.map(({ id, kind, text, lines = [] }) => (
        <div key={id} class={`message ${kind}`}>
          <div>
            <p>{text}</p>
            {lines.length > 0 && (
              <details>
                <summary>{texts.value.which}</summary>
                <ul>
                  {lines.map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              </details>
            )}
          </div>
          <button type="button" class="quiet" aria-label={texts.value.close} onClick={() => close(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
