/** The state of a run in the store: what its folder held after its last epoch, so that any worker can continue it. */
import type { Dirent } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StoreError } from '../errors.js';
import { blobSchema } from '../protocol.js';
import type { Store } from '../store/store.js';
import { contentOf, fetchVerified, sumOf, sumOfFile } from '../store/sums.js';

/** A path within a run's folder: it can't leave it. */
const path = z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*){0,3}$/);

const stateSchema = z.object({
  format: z.literal('froyolo-run-state'),
  files: z.array(blobSchema.extend({ path })).max(10_000),
});

/** Files of a run, those that `last` must not be newer than after it. */
export type RunState = Readonly<z.output<typeof stateSchema>>;

/** Locks and unfinished files stay where they are. */
const LEFT_OUT = /^lock|\.part$/;
const LAST = 'weights/last.safetensors';

export class RunStore {
  readonly #store: Store;
  readonly #folder: string;
  /** The previous state, so that a concurrent reader still finds its files. */
  #before: RunState | undefined;
  #newest: RunState | undefined;

  /** @param id of the job */
  constructor(store: Store, id: string) {
    this.#store = store;
    this.#folder = `runs/${id}/`;
  }

  /** What was saved last; undefined if nothing was. */
  async load(): Promise<RunState | undefined> {
    const key = this.#stateKey;
    if ((await this.#store.sizeOf(key)) === undefined) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.#store.read(key)) chunks.push(chunk);
    this.#newest = parseState(
      Buffer.concat(chunks).toString('utf8'),
      `${key} in the store ${this.#store.shown}`,
    );
    return this.#newest;
  }

  /**
   * Saves what a run's folder holds. The checkpoint is read first: what comes after it may be newer, as in the folder of a
   * run that was killed, and a run that goes on takes the rows of later epochs out.
   * @returns undefined if there is no checkpoint yet
   */
  async save(folder: string): Promise<RunState | undefined> {
    const paths = await filesIn(folder);
    if (!paths.includes(LAST)) return undefined;
    const files: RunState['files'] = [];
    for (const one of [LAST, ...paths.filter((name) => name !== LAST)])
      files.push({ path: one, ...(await this.#saveFile(join(folder, ...one.split('/')))) });
    const state: RunState = { format: 'froyolo-run-state', files };
    // The one file that says what the others are comes last.
    await this.#store.write(this.#stateKey, contentOf(JSON.stringify(state)));
    await this.#forget(this.#before, state);
    this.#before = this.#newest;
    this.#newest = state;
    return state;
  }

  /** Brings the files of a state into a folder; those that already exist, with the same content, stay. */
  async restore({ files }: RunState, folder: string): Promise<void> {
    for (const { path: name, ...blob } of files) {
      const target = join(folder, ...name.split('/'));
      const there = await sumOfFile(target).catch(() => undefined);
      if (there?.sha256 === blob.sha256) continue;
      await fetchVerified(this.#store, this.#folder + blob.sha256, blob, target);
    }
  }

  /** Removes all of the run from the store. */
  async remove(): Promise<void> {
    await this.#store.remove(await this.#store.list(this.#folder));
  }

  get #stateKey(): string {
    return `${this.#folder}state.json`;
  }

  /** A file that is replaced meanwhile stays readable through its handle; of a growing file, the bytes so far are taken. */
  async #saveFile(file: string) {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const blob = await sumOf(streamOf(handle, size));
      const key = this.#folder + blob.sha256;
      const isThere = this.#newest?.files.some(({ sha256 }) => sha256 === blob.sha256);
      if (!isThere) await this.#store.write(key, { bytes: size, open: () => streamOf(handle, size) });
      return blob;
    } finally {
      await handle.close();
    }
  }

  async #forget(old: RunState | undefined, state: RunState): Promise<void> {
    const kept = new Set([...state.files, ...(this.#newest?.files ?? [])].map(({ sha256 }) => sha256));
    const gone = (old?.files ?? []).filter(({ sha256 }) => !kept.has(sha256));
    await this.#store.remove(gone.map(({ sha256 }) => this.#folder + sha256));
  }
}

const streamOf = (handle: FileHandle, size: number) =>
  handle.createReadStream({ autoClose: false, start: 0, end: Math.max(size - 1, 0) });

function parseState(text: string, where: string): RunState {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoreError(`${where} is damaged: delete it to do the run again`, { cause });
  }
}

/** Paths with slashes, relative to the folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !LEFT_OUT.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
