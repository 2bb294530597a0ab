/** Where output goes: results to stdout, everything about the work to stderr. */
import { randomUUID } from 'node:crypto';
import { createColors } from 'picocolors';

/** The part of a stream that is used; tests pass their own. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface TerminalOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CLEAR_LINE = '\r\u001b[2K';
const DEFAULT_COLUMNS = 80;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Stands for the escape character of our own colors; nobody else can write it. */
const OWN = `<${randomUUID()}>`;

/**
 * Text with control characters shown as `\u001b`, not sent: names of classes and files come from others and may hold
 * escape sequences. Our own colors, line ends and tabs stay.
 */
function shown(text: string): string {
  return text
    .replace(CONTROL, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(OWN, '\u001b');
}

type Color = 'red' | 'yellow' | 'green';

function ownColors(isEnabled: boolean): Readonly<Record<Color, (text: string) => string>> {
  const colors = createColors(isEnabled);
  const own = (color: Color) => (text: string) => colors[color](text).replaceAll('\u001b', OWN);
  return { red: own('red'), yellow: own('yellow'), green: own('green') };
}

export class Terminal {
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  #live = '';
  /** Whether a line can be redrawn in place. */
  readonly isInteractive: boolean;
  /** Colors, which do nothing where the output isn't a terminal or `NO_COLOR` is set. */
  readonly colors: ReturnType<typeof ownColors>;

  constructor({ stdout, stderr, env }: TerminalOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    const canDraw = env.TERM !== 'dumb';
    this.isInteractive = canDraw && stdout.isTTY === true && stderr.isTTY === true;
    this.colors = ownColors(canDraw && stdout.isTTY === true && !env.NO_COLOR);
  }

  /** A line of results, on stdout. */
  print(text = ''): void {
    this.#above(this.#stdout, text);
  }

  /** A line about the work, on stderr. */
  note(text: string): void {
    this.#above(this.#stderr, text);
  }

  warn(text: string): void {
    this.note(`${this.colors.yellow('warning:')} ${text}`);
  }

  error(text: string): void {
    this.note(`${this.colors.red('error:')} ${text}`);
  }

  /** Replaces the line that is redrawn in place; an empty text takes it away. Nothing where that is impossible. */
  live(text: string): void {
    if (!this.isInteractive || text === this.#live) return;
    const columns = this.#stderr.columns || DEFAULT_COLUMNS;
    this.#live = [...shown(text)].slice(0, columns - 1).join('');
    this.#stderr.write(CLEAR_LINE + this.#live);
  }

  #above(stream: OutputStream, text: string): void {
    const live = this.#live;
    if (live) this.#stderr.write(CLEAR_LINE);
    stream.write(`${shown(text)}\n`);
    if (live) this.#stderr.write(live);
  }
}
