/** The confusion matrix: which classes are taken for which. */
import { texts } from '../texts/index.js';

interface ConfusionProps {
  readonly names: readonly string[];
  /** `[size, size]`: detected class by label's class; the last of both is background. */
  readonly confusion: { readonly size: number; readonly counts: readonly number[] };
}

export function Confusion({ names, confusion: { size, counts } }: ConfusionProps) {
  const { confusion: words } = texts.value;
  const all = [...names, words.background].slice(0, size);
  const most = Math.max(1, ...counts);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scroll" tabIndex={0} aria-label={words.title}>
      <table class="confusion" id="confusion">
        <caption>{words.caption}</caption>
        <thead>
          <tr>
            <td />
            {all.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((name, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {all.map((column, i) => {
                const count = counts[row * size + i] ?? 0;
                return (
                  <td key={column} style={{ '--share': count / most }} class={row === i ? 'right' : ''}>
                    {count || ''}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
