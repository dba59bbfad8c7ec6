// Opens the page without the hub: it keeps the files of one build, and answers for them. A worker of its own, at
// /service-worker.js; scripts/build.ts builds it with the list of files.
//
// - A version is kept as a whole or not at all, under a name of its own. The page and its files come from one version, so a
//   user never gets a mix of two builds.
// - A new version waits until the user takes it, or until the last window of the old one is reloaded. The version before is
//   kept for windows that still show it: they load further parts.
// - Requests to the hub, pictures and downloads pass it by: it keeps no data of users.
import { isPageRoute } from '../../shared/page-routes.ts'
import { pageCachePrefix, type ToWorker } from './messages-to-worker.ts'

/** Written by the build. */
declare const __PAGE_VERSION__: string
declare const __PAGE_FILES__: readonly string[]
/** SHA-256 of index.html in hexadecimal digits: it has no hash in its name. */
declare const __PAGE_HASH__: string

interface LifetimeEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface PageRequestEvent extends Event {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
interface WorkerScope {
  readonly registration: { readonly waiting: { postMessage(message: ToWorker): void } | null }
  readonly clients: {
    claim(): Promise<void>
    matchAll(options: { type: 'window' }): Promise<readonly object[]>
  }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', run: (event: LifetimeEvent) => void): void
  addEventListener(type: 'fetch', run: (event: PageRequestEvent) => void): void
  addEventListener(type: 'message', run: (event: MessageEvent<ToWorker>) => void): void
}
/** The library of types knows windows only, as the rest of the page needs them. */
const worker = globalThis as unknown as WorkerScope

const cacheName = pageCachePrefix + __PAGE_VERSION__
const files = new Set(__PAGE_FILES__)
let hasAskedNewVersion = false

worker.addEventListener('install', (event) => event.waitUntil(keepVersion()))
worker.addEventListener('activate', (event) => event.waitUntil(startVersion()))
worker.addEventListener('message', ({ data }) => {
  if (data === 'activate') void worker.skipWaiting()
})
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate') {
    if (isPageRoute(pathname)) event.respondWith(openPage(request))
  } else if (pathname.startsWith('/assets/')) event.respondWith(loadFile(request))
})

/** Rejects if one file is missing: the browser then keeps the version it has, and tries again later. */
async function keepVersion(): Promise<void> {
  const cache = await caches.open(cacheName)
  const page = await fetch('/', { cache: 'no-store' })
  if (!page.ok || (await hashOf(page.clone())) !== __PAGE_HASH__) throw new Error('another build is served')
  await cache.put('/', page)
  await Promise.all([...files].map((file) => keepFile(cache, file)))
}

async function keepFile(cache: Cache, file: string): Promise<void> {
  // The name holds the hash of the content, so a file of an earlier version is as good.
  const response = (await caches.match(file, { ignoreVary: true })) ?? (await fetch(file))
  if (!response.ok) throw new Error(`${file} is not there`)
  await cache.put(file, response)
}

async function startVersion(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(pageCachePrefix))
  // In the order of their creation.
  const before = names.filter((name) => name !== cacheName)
  await Promise.all(before.slice(0, -1).map((name) => caches.delete(name)))
  await worker.clients.claim()
}

async function openPage(request: Request): Promise<Response> {
  const { waiting } = worker.registration
  // The only window is being reloaded: this is the moment for the new version. It takes over, and the page loads again.
  if (waiting && !hasAskedNewVersion && (await worker.clients.matchAll({ type: 'window' })).length < 2) {
    hasAskedNewVersion = true
    waiting.postMessage('activate')
    return new Response('', { headers: { refresh: '0' } })
  }
  const cache = await caches.open(cacheName)
  return (await cache.match('/', { ignoreVary: true })) ?? fetch(request)
}

async function loadFile(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true })
  if (kept) return kept
  const response = await fetch(request)
  // Fonts for scripts and emoji are large. Those that were shown once are kept from then on.
  if (response.ok && request.destination === 'font') {
    const cache = await caches.open(cacheName)
    await cache.put(request, response.clone())
  }
  return response
}

async function hashOf(response: Response): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
