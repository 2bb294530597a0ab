/** Numbers, sizes and times in words. */
const counts = new Intl.NumberFormat('en');

/** `1,234 pictures`, `1 picture`. */
export function count(n: number, thing: string, things = `${thing}s`): string {
  return `${counts.format(n)} ${n === 1 ? thing : things}`;
}

/** `1.4 GB` */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(2))} ${units[power]}`;
}

/** `1.9 M` */
export const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
