/** `3 min 20 s` */
export function duration(seconds: number, minute = 'min', second = 's', hour = 'h'): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} ${second}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${minute} ${s % 60} ${second}`;
  return `${Math.floor(s / 3600)} ${hour} ${Math.floor((s % 3600) / 60)} ${minute}`;
}
