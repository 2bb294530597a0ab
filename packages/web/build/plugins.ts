/** Adds to the built page: a content security policy, and a service worker that makes it work offline. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Forbids loading anything from other servers, and sending anything there. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' blob: 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Left out in development, whose server puts scripts into the page. */
export function contentPolicy(): Plugin {
  return {
    name: 'froyolo-content-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

const PUBLIC = ['icon.svg', 'manifest.webmanifest'];

export function serviceWorker(): Plugin {
  return {
    name: 'froyolo-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      // Inside a worker's own build there is no page.
      if (!Object.keys(bundle).some((name) => name.endsWith('.html'))) return;
      const files = Object.keys(bundle).filter((name) => !/\.(html|map)$/.test(name));
      const version = createHash('sha256').update(files.sort().join()).digest('hex').slice(0, 12);
      const template = readFileSync(resolve(import.meta.dirname, 'service-worker.js'), 'utf8');
      const list = JSON.stringify([...files, ...PUBLIC].map((name) => `./${name}`));
      const source = template.replace("'__FILES__'", list).replace('__VERSION__', version);
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    },
  };
}
