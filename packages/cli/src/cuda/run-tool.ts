/** Runs other programs: npm, a compiler. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CommandError } from '../errors.js';

export interface ToolOptions {
  readonly cwd: string;
  /** What to do where it fails. */
  readonly advice: string;
  readonly signal?: AbortSignal | undefined;
}

const KEPT_LINES = 8;
const MOST_OUTPUT = 16 * 2 ** 20;

/** @throws CommandError with the last lines that the tool wrote */
export async function runTool(
  tool: string,
  args: readonly string[],
  { cwd, advice, signal }: ToolOptions,
): Promise<void> {
  try {
    const limits = { cwd, maxBuffer: MOST_OUTPUT, ...(signal ? { signal } : {}) };
    await promisify(execFile)(tool, [...args], limits);
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr = '', message } = error as Error & { stderr?: string };
    const said = (stderr.trim() || message).split('\n').slice(-KEPT_LINES).join('\n');
    throw new CommandError(`${tool} failed: ${advice}. It said:\n${said}`, { cause: error });
  }
}
