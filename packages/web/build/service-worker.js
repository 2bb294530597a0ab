// Keeps the page for visits without a network. FILES and VERSION are set by the build.
const FILES = '__FILES__';
const VERSION = '__VERSION__';
const CACHE = `froyolo-${VERSION}`;
// Large: kept once the page runs, or when they are first asked for.
const isLarge = (path) => path.endsWith('.wasm');
// The runtime of the device that works everywhere.
const isNeeded = (path) => /ort-wasm-simd-threaded-[^.]*\.wasm$/.test(path);
// Pages that are isolated so may share memory between threads, also where the server doesn't say so.
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

self.addEventListener('install', (event) => {
  const small = FILES.filter((path) => !isLarge(path));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['./', ...small])));
  self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith('froyolo-') && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
      const cache = await caches.open(CACHE);
      await cache.addAll(FILES.filter(isNeeded));
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  event.respondWith(request.mode === 'navigate' ? newest(request) : kept(request));
});

// The page itself may have changed.
async function newest(request) {
  try {
    const response = await fetch(request);
    const cache = await caches.open(CACHE);
    if (response.ok) await cache.put('./', response.clone());
    return isolated(response);
  } catch {
    return isolated((await caches.match('./')) ?? Response.error());
  }
}

// Names of the other files change with what is in them.
async function kept(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request, { ignoreSearch: true });
  if (known) return isolated(known);
  const response = await fetch(request);
  if (response.ok && response.status === 200) await cache.put(request, response.clone());
  return isolated(response);
}

function isolated(response) {
  if (response.type === 'error') return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATED)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
