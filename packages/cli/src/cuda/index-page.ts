/** Reads a package index as pip does: the pages of projects below `PIP_INDEX_URL`, as JSON or HTML. */
import { z } from 'zod';
import { CommandError } from '../errors.js';

const DEFAULT_INDEX = 'https://pypi.org/simple';
const ACCEPTED =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** A file of a project. */
export interface IndexFile {
  readonly name: string;
  readonly url: string;
  /** Absent where the index tells none. */
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
}

export interface PackageIndex {
  readonly url: string;
  /** Sends a request to the index or to where its files lie, with the credentials that go there. */
  fetch(url: string, options?: RequestInit): Promise<Response>;
}

/** The index that pip would take: `PIP_INDEX_URL`, whose user and password are sent to its host alone. */
export function packageIndex(
  env: Readonly<Record<string, string | undefined>> = process.env,
  request: typeof fetch = fetch,
): PackageIndex {
  const address = new URL(env.PIP_INDEX_URL || DEFAULT_INDEX);
  const { username, password, origin } = address;
  address.username = '';
  address.password = '';
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url: address.href.replace(/\/+$/, ''),
    fetch(url, options = {}) {
      const headers = new Headers(options.headers);
      if (username !== '' && new URL(url).origin === origin)
        headers.set('Authorization', `Basic ${Buffer.from(secret).toString('base64')}`);
      return request(url, { ...options, headers });
    },
  };
}

/**
 * All files of a project.
 * @throws CommandError where the index can't be read
 */
export async function filesOf(
  project: string,
  index: PackageIndex,
  signal?: AbortSignal,
): Promise<IndexFile[]> {
  const url = `${index.url}/${project}/`;
  const advice = 'check the network, or name a mirror in PIP_INDEX_URL';
  try {
    const response = await index.fetch(url, {
      headers: { Accept: ACCEPTED },
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw new CommandError(`${url} answers ${response.status}: ${advice}`);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return isJson ? filesInJson(text, response.url || url) : filesInHtml(text, response.url || url);
  } catch (error) {
    if (error instanceof CommandError || signal?.aborted) throw error;
    throw new CommandError(`${url} can't be read (${causeOf(error)}): ${advice}`, { cause: error });
  }
}

/** `fetch` says only that it failed; why is in the cause. */
export function causeOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

const pageSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.object({ sha256: z.string().optional() }).optional(),
      size: z.number().optional(),
    }),
  ),
});

function filesInJson(text: string, base: string): IndexFile[] {
  return pageSchema.parse(JSON.parse(text)).files.map(({ filename, url, hashes, size }) => ({
    name: filename,
    url: new URL(url, base).href,
    sha256: hashes?.sha256,
    bytes: size,
  }));
}

/** Links such as `<a href="../../NAME.whl#sha256=…">`. */
function filesInHtml(text: string, base: string): IndexFile[] {
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["']/gi)].map(([, link = '']) => {
    const url = new URL(link.replaceAll('&amp;', '&'), base);
    const sha256 = /^#sha256=([\da-f]{64})$/i.exec(url.hash)?.[1]?.toLowerCase();
    url.hash = '';
    return { name: decodeURIComponent(url.pathname.split('/').at(-1) ?? ''), url: url.href, sha256 };
  });
}

/**
 * The wheel of a version for Linux on x64. Its Python version is of no interest: libraries are taken out of it.
 * @throws CommandError if there is none, or the index lists no checksum for it
 */
export function wheelIn(
  files: readonly IndexFile[],
  { project, version }: { readonly project: string; readonly version: string },
): IndexFile & { readonly sha256: string } {
  const start = `${project.replaceAll('-', '_')}-${version}-`.toLowerCase();
  const [wheel] = files
    .filter(({ name }) => name.toLowerCase().startsWith(start) && /manylinux.*x86_64.*\.whl$/.test(name))
    .sort((a, b) => (a.name < b.name ? 1 : -1));
  if (!wheel) throw new CommandError(`the index has no wheel of ${project} ${version} for Linux on x64`);
  const { sha256 } = wheel;
  if (sha256 === undefined)
    throw new CommandError(
      `the index tells no SHA-256 of ${wheel.name}: a mirror that hides sums is not trusted`,
    );
  return { ...wheel, sha256 };
}
