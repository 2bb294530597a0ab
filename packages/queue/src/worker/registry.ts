/** Which workers there are: a key in Redis for each, which vanishes when its worker is silent. */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { QueueError } from '../errors.js';
import { PREFIX } from '../protocol.js';
import { VERSION } from '../version.js';

const BEAT_MS = 2000;
const ALIVE_MS = 3 * BEAT_MS;
const KEY = `${PREFIX}:worker:`;

const workerSchema = z.object({
  name: z.string(),
  version: z.string(),
  host: z.string(),
  pid: z.int(),
  devices: z.array(z.string()),
  /** When it began, in milliseconds since 1970. */
  since: z.number(),
  /** Runs that it finished. */
  done: z.int(),
});

export type WorkerInfo = Readonly<z.output<typeof workerSchema>>;

export class Registration {
  readonly #redis: Redis;
  #timer: NodeJS.Timeout | undefined;
  #info: WorkerInfo;

  private constructor(redis: Redis, info: WorkerInfo) {
    this.#redis = redis;
    this.#info = info;
  }

  /**
   * Registers a worker under a name that no other has. One that was killed gives its name free after some seconds.
   * @throws QueueError if a worker of that name is alive
   */
  static async take(redis: Redis, name: string, devices: readonly string[]): Promise<Registration> {
    const { pid } = process;
    const own = {
      name,
      version: VERSION,
      host: hostname(),
      pid,
      devices: [...devices],
      since: Date.now(),
      done: 0,
    };
    const registration = new Registration(redis, own);
    for (let waited = 0; !(await registration.#isTaken()); waited += BEAT_MS / 4) {
      if (waited > ALIVE_MS)
        throw new QueueError(
          `another worker is called ${name}, and it is alive: give this one another --name`,
        );
      await delay(BEAT_MS / 4);
    }
    registration.#timer = setInterval(() => void registration.#beat(), BEAT_MS);
    return registration;
  }

  /** A run is finished. */
  countDone(): void {
    this.#info = { ...this.#info, done: this.#info.done + 1 };
    void this.#beat();
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#redis.del(KEY + this.#info.name);
  }

  async #isTaken(): Promise<boolean> {
    const answer = await this.#redis.set(KEY + this.#info.name, this.#text, 'PX', ALIVE_MS, 'NX');
    return answer === 'OK';
  }

  /** While Redis is away nothing is heard of the worker; it doesn't matter to its runs. */
  #beat(): Promise<unknown> {
    return this.#redis.set(KEY + this.#info.name, this.#text, 'PX', ALIVE_MS).catch(() => undefined);
  }

  get #text(): string {
    return JSON.stringify(this.#info);
  }
}

/** Workers that were heard of in the last seconds. */
export async function readWorkers(redis: Redis): Promise<WorkerInfo[]> {
  const keys: string[] = [];
  for await (const found of redis.scanStream({ match: `${KEY}*`, count: 1000 })) keys.push(...found);
  const texts = keys.length === 0 ? [] : await redis.mget(keys);
  const workers = texts.flatMap((text) => (text === null ? [] : (parse(text) ?? [])));
  return workers.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function parse(text: string): WorkerInfo | undefined {
  try {
    return workerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
