/** Images at addresses. */
import { LIMITS, type RgbImage } from '@froyolo/data';
import { decodeImage } from '@froyolo/data/node';
import { causeOf } from '@froyolo/errors';
import { messageOf } from '../errors.js';
import { SourceError } from './source.js';

const TIMEOUT_MS = 30_000;

/**
 * Downloads an image and decodes it.
 * @throws SourceError if the server doesn't answer in time or with something else; ImageError for a damaged image
 */
export async function fetchImage(address: string, signal?: AbortSignal): Promise<RgbImage> {
  return decodeImage(await fetchBytes(address, signal));
}

async function fetchBytes(address: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await fetch(address, { signal: either });
    if (!response.ok) throw new SourceError(`source ${address}: the server answers ${response.status}`);
    return await bodyOf(response, address);
  } catch (error) {
    if (error instanceof SourceError || signal?.aborted) throw error;
    throw new SourceError(`source ${address}: can't be downloaded: ${messageOf(causeOf(error))}`, {
      cause: error,
    });
  }
}

async function bodyOf({ body }: Response, address: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  let bytes = 0;
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > LIMITS.imageBytes)
      throw new SourceError(`source ${address}: more than ${LIMITS.imageBytes} bytes: that is no image`);
  }
  return Buffer.concat(chunks);
}
