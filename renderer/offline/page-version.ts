// Registers the service worker that opens the page without the hub, and learns of new versions.
//
// - It needs a secure context: a certificate that the browser trusts, or this computer. Elsewhere the browser refuses, and the
//   settings say so.
// - A hub that was updated restarts, so the page looks for a new version whenever the connection is live again.
// - A hub that serves no browsers any more takes the worker back: it would go on opening the page.
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import { pageCachePrefix, type ToWorker } from './messages-to-worker.ts'

/**
 * `unknown`: not registered yet. `kept`: the page opens without the hub. `insecure`: the address is not encrypted.
 * `untrusted`: the browser does not trust the certificate. `unsupported`: the browser has no service workers here, as in
 * some private windows.
 */
export type OfflineState = 'unknown' | 'kept' | 'insecure' | 'untrusted' | 'unsupported'

const workerAddress = '/service-worker.js'
const state = signal<OfflineState>('unknown')
const isNewVersionReady = signal(false)
let registration: ServiceWorkerRegistration | undefined
let isStarted = false

export const offlineState: ReadonlySignal<OfflineState> = state
export const newVersionReady: ReadonlySignal<boolean> = isNewVersionReady

/** Call when the page makes nobody wait any more. In the desktop app the page is on this computer anyway. */
export async function keepPageOffline(): Promise<void> {
  if (isStarted || window.hubbub) return
  isStarted = true
  if (!window.isSecureContext) state.value = 'insecure'
  else if (!('serviceWorker' in navigator)) state.value = 'unsupported'
  else await register(navigator.serviceWorker)
}

/** Call when the connection is live: the hub may have been updated. */
export async function lookForNewVersion(): Promise<void> {
  if (!registration) return
  const response = await fetch(workerAddress, { method: 'HEAD', cache: 'no-store' }).catch(() => undefined)
  if (response && [403, 404, 410].includes(response.status)) return forgetPage()
  await registration.update().catch(() => undefined)
}

/** Shows the new version. What was written is stored: the page writes it when it is hidden. */
export async function takeNewVersion(): Promise<void> {
  const waiting = registration?.waiting
  if (!waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage('activate' satisfies ToWorker)
}

async function register(container: ServiceWorkerContainer): Promise<void> {
  const hadController = container.controller !== null
  try {
    registration = await container.register(trustedAddress())
  } catch (error) {
    // A certificate that the user has accepted only for this visit makes the context secure, but not the worker. Any other
    // reason, such as a hub that went away, says nothing about this browser.
    const isRefused = error instanceof DOMException && error.name === 'SecurityError'
    if (isRefused) state.value = location.protocol === 'https:' ? 'untrusted' : 'unsupported'
    isStarted = false
    return
  }
  // An extension, or a test, may have replaced the function.
  if (registration === undefined) return
  const noteWaiting = (): void => {
    if (registration?.waiting && container.controller) isNewVersionReady.value = true
  }
  registration.addEventListener('updatefound', () => {
    registration?.installing?.addEventListener('statechange', noteWaiting)
  })
  // Another window has taken the new version: this one still shows the old.
  container.addEventListener('controllerchange', () => {
    if (hadController) isNewVersionReady.value = true
  })
  noteWaiting()
  await container.ready
  state.value = 'kept'
}

async function forgetPage(): Promise<void> {
  await registration?.unregister()
  registration = undefined
  state.value = 'unknown'
  for (const name of await caches.keys()) if (name.startsWith(pageCachePrefix)) await caches.delete(name)
}

/** The policy lets no other script be registered. */
function trustedAddress(): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('service-worker', {
    createScriptURL: (address) => {
      if (address !== workerAddress) throw new TypeError(`${address} is not the worker of this page`)
      return address
    },
  })
  return policy ? (policy.createScriptURL(workerAddress) as string) : workerAddress
}

/** The part of the browser's API that is used. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (address: string) => string },
  ): { createScriptURL(address: string): unknown }
}
