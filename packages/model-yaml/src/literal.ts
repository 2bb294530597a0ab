/** Arguments of a layer. They are data: nothing in a YAML is evaluated. */
export type Literal = null | boolean | number | string | readonly Literal[];

const WORDS: Readonly<Record<string, Literal>> = { None: null, True: true, False: false };

/** Python's spelling of a literal to ours; other words (`nc`, `anchors`, `nearest`) stay words. */
export function toLiteral(value: unknown): Literal {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(toLiteral);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const word = String(value);
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  const quoted = /^(['"])(.*)\1$/.exec(word);
  return quoted ? quoted[2] : word;
}

/** As Python prints it: the layer table reads as the reference's. */
export function formatLiteral(value: Literal): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value}'`;
  return `[${value.map(formatLiteral).join(', ')}]`;
}
