// What the first conversation does without. It is fetched when it is asked for; and when the page has nothing else to do, so that
// it is here when the hub is not.

const modules = {
  entry: () => import('../accounts/auth-screens.ts'),
  admin: () => import('../admin/hb-admin.ts'),
  settings: () => import('../settings/hb-settings.ts'),
  'new-chat': () => import('../chats/hb-new-chat.ts'),
  'new-group': () => import('../chats/hb-new-group.ts'),
  'browse-groups': () => import('../chats/hb-browse-groups.ts'),
  'edit-group': () => import('../chats/hb-edit-group.ts'),
  forward: () => import('../messages/hb-forward.ts'),
  section: () => import('../chats/hb-section-name.ts'),
  invite: () => import('../admin/hb-invite.ts'),
  shortcuts: () => import('./hb-shortcuts.ts'),
  emoji: () => import('../emoji/hb-emoji-picker.ts'),
} as const
export type LazyModule = keyof typeof modules

const pendingLoads = new Map<LazyModule, Promise<unknown>>()

/** Rejects when the page cannot fetch it now; the next call tries again. */
export function loadModule(part: LazyModule): Promise<unknown> {
  let work = pendingLoads.get(part)
  if (!work) {
    work = modules[part]()
    pendingLoads.set(part, work)
    work.catch(() => pendingLoads.delete(part))
  }
  return work
}

/** One after the other, each when the page is idle. */
export function preloadWhenIdle(): void {
  const left = Object.keys(modules) as LazyModule[]
  const next = (): void => {
    const part = left.shift()
    if (part) whenIdle(() => void loadModule(part).then(next, () => undefined))
  }
  next()
}

function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 5_000 })
  else setTimeout(run, 1_000)
}
