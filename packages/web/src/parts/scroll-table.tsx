/** A table that scrolls where it is wider than the page. */
import type { ComponentChildren } from 'preact';

interface ScrollTableProps {
  readonly id: string;
  readonly label: string;
  /** Titles of the columns. */
  readonly head: readonly string[];
  /** Rows. */
  readonly children: ComponentChildren;
}

export function ScrollTable({ id, label, head, children }: ScrollTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scroll" tabIndex={0} aria-label={label}>
      <table id={id}>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
