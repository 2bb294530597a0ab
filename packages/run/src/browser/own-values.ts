/** Small values that the browser keeps for this site, for pages and workers alike; without a database they are forgotten. */
import { type IDBPDatabase, openDB } from 'idb';

export interface OwnValues {
  /** Undefined if there is no such value. */
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
}

const DATABASE = 'froyolo-values';
const TABLE = 'values';

export const ownValues: OwnValues = {
  read: (key) => inDatabase((database) => database.get(TABLE, key)),
  write: async (key, value) => {
    await inDatabase((database) => database.put(TABLE, value, key));
  },
};

/** Undefined where the browser has no database, or gives this site none. */
async function inDatabase<T>(request: (database: IDBPDatabase) => Promise<T>): Promise<T | undefined> {
  try {
    const database = await openDB(DATABASE, 1, { upgrade: (fresh) => fresh.createObjectStore(TABLE) });
    return await request(database).finally(() => database.close());
  } catch {
    return undefined;
  }
}
