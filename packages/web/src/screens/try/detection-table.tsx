/** Detections as numbers. */
import type { ShownBox } from '../../parts/draw-boxes.js';
import { texts } from '../../texts/index.js';

export function DetectionTable({ boxes }: { boxes: readonly ShownBox[] }) {
  const { try: words } = texts.value;
  return (
    <details class="more">
      <summary>{words.table}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={words.table}>
        <table id="own-table">
          <thead>
            <tr>
              {words.columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {boxes.map(({ name, confidence, box }) => (
              <tr key={`${name} ${box.join()}`}>
                <th scope="row">{name}</th>
                <td>{confidence?.toFixed(3)}</td>
                {box.map((value, i) => (
                  <td key={i}>{value.toFixed(1)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
