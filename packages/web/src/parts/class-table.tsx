/** Figures of a validation by class. */
import type { ClassResult } from '@froyolo/boxes';
import { texts } from '../texts/index.js';
import { ScrollTable } from './scroll-table.js';

export function ClassTable({ classes }: { classes: readonly ClassResult[] }) {
  const { table: words } = texts.value;
  return (
    <ScrollTable id="class-table" label={words.title} head={words.head}>
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
    </ScrollTable>
  );
}
