// Modules that the first conversation does not need. Each is loaded when it is needed, or when the page is idle, so
// that it is there when the hub is not.
import type { DialogRequest } from '../navigation/dialogs.ts'
import { signal } from '../signals/signal.ts'
import { dialogModules } from './shell-dialog.ts'

const modules: Readonly<Record<LazyModule, () => Promise<unknown>>> = {
  entry: () => import('../accounts/auth-screens.ts'),
  shell: () => import('./hb-shell.ts'),
  admin: () => import('../admin/hb-admin.ts'),
  settings: () => import('../settings/hb-settings.ts'),
  ...dialogModules,
  emoji: () => import('../emoji/hb-emoji-picker.ts'),
  recovery: () => import('../accounts/hb-recovery-notice.ts'),
  tray: () => import('../files/hb-attachment-tray.ts'),
}
export type LazyModule =
  'entry' | 'shell' | 'admin' | 'settings' | DialogRequest['kind'] | 'emoji' | 'recovery' | 'tray'

const loaded = signal<ReadonlySet<LazyModule>>(new Set())

/**
 * Whether the elements of the module are defined; a signal. An element must not be drawn before: one that is upgraded
 * in place has none of its properties yet when it is connected.
 */
export function isModuleLoaded(part: LazyModule): boolean {
  return loaded.value.has(part)
}

const pendingLoads = new Map<LazyModule, Promise<void>>()

/** Rejects if the page cannot load it now; the next call tries again. */
export function loadModule(part: LazyModule): Promise<void> {
  let work = pendingLoads.get(part)
  if (!work) {
    work = modules[part]().then(() => {
      loaded.value = new Set([...loaded.peek(), part])
    })
    pendingLoads.set(part, work)
    work.catch(() => pendingLoads.delete(part))
  }
  return work
}

let isPreloading = false

/** Loads them one after the other, each when the page is idle. */
export function preloadWhenIdle(): void {
  if (isPreloading) return
  isPreloading = true
  const left = Object.keys(modules) as LazyModule[]
  const next = (): void => {
    const part = left.shift()
    if (part) whenIdle(() => void loadModule(part).then(next, () => undefined))
  }
  next()
}

export function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 5_000 })
  else setTimeout(run, 1_000)
}
