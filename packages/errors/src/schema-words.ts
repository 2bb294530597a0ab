/** Words for what a schema finds wrong with a value. */

/** What zod tells of a problem, as far as it is looked at here. */
interface SchemaIssue {
  readonly code?: string;
  readonly input: unknown;
  readonly [detail: string]: unknown;
}

/**
 * Options for zod's `safeParse`: messages say what the value must be, and what it is, such as `it must be a number, not
 * "x"`. Messages that a schema states itself stay.
 */
export const IN_WORDS = { error: words };

const TYPES: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map of names to values',
  record: 'a map of names to values',
};

function words(issue: SchemaIssue): string {
  const wanted = WANTED[issue.code ?? '']?.(issue);
  if (issue.code === 'unrecognized_keys') return `it holds what isn't known: ${listed(issue.keys)}`;
  if (issue.input === undefined) return wanted ? `it is missing: it must be ${wanted}` : 'it is missing';
  return wanted ? `it must be ${wanted}, not ${shown(issue.input)}` : 'it has another form';
}

/** Completes "it must be …". */
const WANTED: Readonly<Record<string, (issue: SchemaIssue) => string | undefined>> = {
  invalid_type: ({ expected }) => TYPES[String(expected)],
  invalid_value: ({ values }) =>
    Array.isArray(values) && values.length > 1 ? `one of ${listed(values)}` : listed(values),
  too_small: ({ origin, minimum, inclusive }) =>
    `${measured(origin)}${inclusive ? 'at least' : 'more than'} ${minimum}${unitOf(origin)}`,
  too_big: ({ origin, maximum, inclusive }) =>
    `${measured(origin)}${inclusive ? 'at most' : 'less than'} ${maximum}${unitOf(origin)}`,
  not_multiple_of: ({ divisor }) => `a multiple of ${divisor}`,
};

const measured = (origin: unknown) =>
  origin === 'array' ? 'a list of ' : origin === 'string' ? 'a text of ' : '';
const unitOf = (origin: unknown) =>
  origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '';

const listed = (values: unknown) => (Array.isArray(values) ? values.map(shown).join(', ') : shown(values));

const MOST = 40;

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a map';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > MOST ? `${value.slice(0, MOST)}…` : value);
}
