import { isOurPage } from '../ipc/router.ts'

/** Everything else is refused: what a new Chromium brings along, too. */
const allowed = new Set(['clipboard-sanitized-write', 'notifications', 'fullscreen'])

export function mayUse(permission: string, address: string | null): boolean {
  return allowed.has(permission) && isOurPage({ url: address, isTop: true })
}
