/** Figures of a validation by class. */
import type { ClassResult } from '@froyolo/boxes';
import { texts } from '../texts/index.js';

export function ClassTable({ classes }: { classes: readonly ClassResult[] }) {
  const { table: words } = texts.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scroll" tabIndex={0} aria-label={words.title}>
      <table id="class-table">
        <thead>
          <tr>
            {words.head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map(({ name, images, instances, precision, recall, mAP50, mAP50_95 }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{images}</td>
              <td>{instances}</td>
              {[precision, recall, mAP50, mAP50_95].map((value, i) => (
                <td key={i}>{value.toFixed(3)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
