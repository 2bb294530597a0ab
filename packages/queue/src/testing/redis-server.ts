/** Redis itself, for tests: started on a free port, in its own folder, with every command written down. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Why tests that need Redis are skipped; empty if it is installed. */
export const NO_REDIS = isInstalled() ? '' : ' (skipped: no redis-server here)';

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const STARTING_MS = 500;
const STARTS = 5;

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'froyolo-redis-'));
  readonly #port: number;
  readonly #options: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.#port = port;
    this.#options = options;
  }

  /** @param options further ones of `redis-server`, which may move it from the port to TLS */
  static async start(options: (port: number) => readonly string[] = () => []): Promise<RedisServer> {
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      const server = new RedisServer(port, options(port));
      try {
        await server.start();
        return server;
      } catch (error) {
        // Another process may have taken the port meanwhile.
        await server.remove();
        if (tries === STARTS) throw error;
      }
    }
  }

  get url(): string {
    return `redis://${this.host}`;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const persistence = ['--appendonly', 'yes', '--save', ''];
    const place = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const child = spawn('redis-server', [...place, ...persistence, ...this.#options], { stdio: 'ignore' });
    this.#child = child;
    // Ends with the process that it was started for.
    process.once('exit', () => child.kill('SIGKILL'));
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    // One with TLS is given a moment instead of being asked.
    if (this.#options.length > 0) await delay(STARTING_MS);
    else
      while (!hasEnded(child) && !(await this.#ask('PING')).includes('PONG')) await delay(STARTING_MS / 20);
    if (hasEnded(child)) throw new Error(`redis-server ended as it started, on port ${this.#port}`);
  }

  /** Bytes that it uses. */
  async memory(): Promise<number> {
    const info = await this.#ask('INFO memory');
    return Number(/used_memory:(\d+)/.exec(info)?.[1] ?? 0);
  }

  /** The first part of the answer to a command; empty if nothing answers. */
  #ask(command: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1', () => socket.write(`${command}\r\n`));
      socket.once('error', () => resolve(''));
      socket.once('close', () => resolve(''));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
  }

  /** Ends it as a shutdown, or `SIGKILL` as a failure. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
