/** Small values that the browser keeps for this site, for pages and workers alike. Without a place for them they are forgotten. */

export interface OwnValues {
  /** Undefined where there is none. */
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
}

const DATABASE = 'froyolo-values';
const TABLE = 'values';

export const ownValues: OwnValues = {
  read: (key) => inTable('readonly', (table) => table.get(key)),
  write: async (key, value) => {
    await inTable('readwrite', (table) => table.put(value, key));
  },
};

/** The result of a request; undefined where the browser has no database, or gives this site none. */
async function inTable<T>(
  mode: IDBTransactionMode,
  request: (table: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const database = await openDatabase();
    try {
      return await resultOf(request(database.transaction(TABLE, mode).objectStore(TABLE)));
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  return resultOf(opening);
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the request failed'));
  });
}
