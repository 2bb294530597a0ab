/** A piece of code that can be copied. */
import { useState } from 'preact/hooks';
import { showError } from '../../state/messages.js';
import { texts } from '../../texts/index.js';

export function Code({ name, code }: { name: string; code: string }) {
  const { take: words } = texts.value;
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(code).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    }, showError);
  return (
    <details class="code">
      <summary>{words.code}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={words.codeFor(name)}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <button type="button" class="small" onClick={() => void copy()}>
        {isCopied ? words.copied : words.copy}
      </button>
    </details>
  );
}
