/** Small helpers over the DOM. */

/** The element of that id, which index.html has. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with the id "${id}"`);
  return found;
}

/** A new element with children; strings become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}

export function list(lines: readonly string[]): HTMLUListElement {
  return element('ul', ...lines.map((line) => element('li', line)));
}

/** Fills a table; the first row is its head. */
export function fillTable(table: HTMLTableElement, rows: readonly (readonly string[])[]): void {
  const [head = [], ...body] = rows;
  const th = (text: string) => Object.assign(element('th', text), { scope: 'col' });
  table.replaceChildren(
    element('thead', element('tr', ...head.map(th))),
    element('tbody', ...body.map((row) => element('tr', ...row.map((cell) => element('td', cell))))),
  );
}

const counts = new Intl.NumberFormat('en');

/** `1,234 images`. */
export function count(n: number, thing: string, things = `${thing}s`): string {
  return `${counts.format(n)} ${n === 1 ? thing : things}`;
}

/** `3 min 20 s`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** Calls `opened` with what is dropped on an area, and shows that it may be. */
export function onDrop(area: HTMLElement, opened: (data: DataTransfer) => void): void {
  area.addEventListener('dragover', (event) => {
    event.preventDefault();
    area.classList.add('over');
  });
  area.addEventListener('dragleave', () => area.classList.remove('over'));
  area.addEventListener('drop', (event) => {
    event.preventDefault();
    area.classList.remove('over');
    if (event.dataTransfer) opened(event.dataTransfer);
  });
}

/** Calls `opened` with the files of an input, which may be chosen again afterwards. */
export function onFiles(input: HTMLInputElement, opened: (files: File[]) => void): void {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) opened(files);
  });
}
