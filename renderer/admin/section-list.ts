import type { SectionDefinition } from '../settings/section-list.ts'

/** In the order of how often they are needed; the address is /admin/<id>. */
export const adminSections: readonly SectionDefinition[] = [
  { id: 'people', title: 'admin.section.people', icon: 'users', element: 'hb-admin-users' },
  { id: 'requests', title: 'admin.section.requests', icon: 'clock', element: 'hb-admin-requests' },
  { id: 'invites', title: 'admin.section.invites', icon: 'user-plus', element: 'hb-admin-invites' },
  { id: 'groups', title: 'admin.section.groups', icon: 'hash', element: 'hb-admin-groups' },
  { id: 'bots', title: 'admin.section.bots', icon: 'bot', element: 'hb-admin-bots' },
  { id: 'settings', title: 'admin.section.settings', icon: 'settings', element: 'hb-admin-hub' },
  { id: 'backups', title: 'admin.section.backups', icon: 'archive', element: 'hb-admin-backups' },
  { id: 'standbys', title: 'admin.section.standbys', icon: 'devices', element: 'hb-admin-standbys' },
  { id: 'health', title: 'admin.section.health', icon: 'health', element: 'hb-admin-health' },
  { id: 'audit', title: 'admin.section.audit', icon: 'shield', element: 'hb-admin-audit' },
]
