import { isAppPage } from '../ipc/router.ts'

/** All other permissions are denied, including those that a new Chromium adds. */
const allowedPermissions = new Set(['clipboard-sanitized-write', 'notifications', 'fullscreen'])

export function isPermissionAllowed(permission: string, address: string | null): boolean {
  return allowedPermissions.has(permission) && isAppPage({ url: address, isTopFrame: true })
}
