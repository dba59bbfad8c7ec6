import { isAppPage } from '../ipc/router.ts'

/** Everything else is refused: what a new Chromium brings along, too. */
const allowedPermissions = new Set(['clipboard-sanitized-write', 'notifications', 'fullscreen'])

export function isPermissionAllowed(permission: string, address: string | null): boolean {
  return allowedPermissions.has(permission) && isAppPage({ url: address, isTopFrame: true })
}
