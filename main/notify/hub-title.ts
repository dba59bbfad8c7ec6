import type { DesktopNotification, HubInfo } from '../../shared/desktop.ts'

/** With several hubs the title says which one it is: each may have a group of the same name. */
export function withHubName(
  notice: DesktopNotification,
  hubs: readonly Pick<HubInfo, 'id' | 'name'>[],
): DesktopNotification {
  const hub = hubs.find(({ id }) => id === notice.hubId)
  if (!hub || hubs.length < 2 || notice.title === hub.name) return notice
  return { ...notice, title: `${notice.title} · ${hub.name}` }
}
