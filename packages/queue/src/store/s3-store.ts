/** A bucket of S3, or of a compatible server, as a store; the official client is loaded when it is needed. */
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { reasonOf } from '@froyolo/errors';
import { QueueError, StoreError } from '../errors.js';
import type { Content, Store } from './store.js';

/** Keys that one request removes at most. */
const REMOVED_AT_ONCE = 1000;

type Sdk = typeof import('@aws-sdk/client-s3');
type Uploads = typeof import('@aws-sdk/lib-storage');

export class S3Store implements Store {
  readonly shown: string;
  readonly #sdk: Sdk;
  readonly #uploads: Uploads;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  private constructor(sdk: Sdk, uploads: Uploads, bucket: string, prefix: string) {
    this.shown = `s3://${bucket}/${prefix}`;
    this.#sdk = sdk;
    this.#uploads = uploads;
    this.#bucket = bucket;
    this.#prefix = prefix;
    // A server of one's own has no host name for each bucket, and may not know the newest checksums.
    const isOwn = Boolean(process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL);
    this.#client = new sdk.S3Client({
      ...(isOwn ? { forcePathStyle: true } : {}),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /**
   * Opens `s3://bucket/prefix`; credentials, region and endpoint come from where the AWS client looks for them.
   * @throws QueueError if the client isn't installed; StoreError where the bucket can't be used
   */
  static async open(address: string): Promise<S3Store> {
    const [, bucket = '', rest = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? [];
    if (bucket === '')
      throw new QueueError(`the store must be a folder or s3://BUCKET/PREFIX, not ${address}`);
    const [sdk, uploads] = await loadClient();
    const store = new S3Store(sdk, uploads, bucket, rest === '' ? '' : `${rest.replace(/\/+$/, '')}/`);
    await store.sizeOf('objects/none');
    return store;
  }

  async sizeOf(key: string): Promise<number | undefined> {
    try {
      const head = new this.#sdk.HeadObjectCommand(this.#object(key));
      return (await this.#client.send(head)).ContentLength;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw this.#failure(key, error);
    }
  }

  async read(key: string): Promise<Readable> {
    try {
      const { Body } = await this.#client.send(new this.#sdk.GetObjectCommand(this.#object(key)));
      if (Body instanceof Readable) return Body;
      throw new Error('the answer has no content');
    } catch (error) {
      throw this.#failure(key, error);
    }
  }

  async write(key: string, content: Content): Promise<void> {
    try {
      // Large files go in parts; all of them or none become the object.
      const params = { ...this.#object(key), Body: content.open() };
      await new this.#uploads.Upload({ client: this.#client, params }).done();
    } catch (error) {
      throw this.#failure(key, error);
    }
  }

  async list(folder: string): Promise<string[]> {
    const keys: string[] = [];
    const config = { client: this.#client };
    const input = { Bucket: this.#bucket, Prefix: this.#prefix + folder };
    for await (const { Contents = [] } of this.#sdk.paginateListObjectsV2(config, input))
      for (const { Key } of Contents) if (Key !== undefined) keys.push(Key.slice(this.#prefix.length));
    return keys;
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let i = 0; i < keys.length; i += REMOVED_AT_ONCE) {
      const Objects = keys.slice(i, i + REMOVED_AT_ONCE).map((key) => ({ Key: this.#prefix + key }));
      const Delete = { Objects, Quiet: true };
      await this.#client.send(new this.#sdk.DeleteObjectsCommand({ Bucket: this.#bucket, Delete }));
    }
  }

  /** An upload that was cut off is no object; a lifecycle rule of the bucket removes its parts. */
  async tidy(): Promise<void> {}

  close(): void {
    this.#client.destroy();
  }

  #object(key: string) {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  #failure(key: string, error: unknown): StoreError {
    const message = `${this.shown}${key} can't be used: ${nameOf(error)}${reasonOf(error)}`;
    return new StoreError(message, { cause: error });
  }
}

async function loadClient(): Promise<[Sdk, Uploads]> {
  try {
    return [await import('@aws-sdk/client-s3'), await import('@aws-sdk/lib-storage')];
  } catch (cause) {
    throw new QueueError(
      's3:// needs the official client: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage',
      { cause },
    );
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** Such as `NoSuchBucket: `. */
const nameOf = (error: unknown) =>
  error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
