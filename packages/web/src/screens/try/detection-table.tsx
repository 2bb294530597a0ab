/** Detections as numbers. */
import type { ShownBox } from '../../parts/draw-boxes.js';
import { ScrollTable } from '../../parts/scroll-table.js';
import { texts } from '../../texts/index.js';

export function DetectionTable({ boxes }: { boxes: readonly ShownBox[] }) {
  const { try: words } = texts.value;
  return (
    <details class="more">
      <summary>{words.table}</summary>
      <ScrollTable id="own-table" label={words.table} head={words.columns}>
        {boxes.map(({ name, confidence, box }) => (
          <tr key={`${name} ${box.join()}`}>
            <th scope="row">{name}</th>
            <td>{confidence?.toFixed(3)}</td>
            {box.map((value, i) => (
              <td key={i}>{value.toFixed(1)}</td>
            ))}
          </tr>
        ))}
      </ScrollTable>
    </details>
  );
}
