import type { Hub } from '../state/hub.ts'
import type { TextKey } from '../text/t.ts'
import type { IconName } from '../ui/icons.ts'

/** Every section is an element with the hub as its property. */
export interface SectionElement extends HTMLElement {
  hub: Hub
}

export interface SectionDefinition {
  /** Its address: /settings/<id>. */
  id: string
  title: Extract<TextKey, `settings.${string}` | `admin.section.${string}`>
  icon: IconName
  /** Imported in `sections.ts` of its folder. A section whose element is not defined is left out. */
  element: string
}

export const settingsSections: readonly SectionDefinition[] = [
  { id: 'profile', title: 'settings.profile', icon: 'user', element: 'hb-settings-profile' },
  { id: 'appearance', title: 'settings.appearance', icon: 'appearance', element: 'hb-settings-appearance' },
  // The first is defined in the desktop app only, and takes the place of the second there.
  {
    id: 'notifications',
    title: 'settings.notifications',
    icon: 'bell',
    element: 'hb-computer-notifications',
  },
  {
    id: 'notifications',
    title: 'settings.notifications',
    icon: 'bell',
    element: 'hb-settings-notifications',
  },
  { id: 'security', title: 'settings.security', icon: 'shield', element: 'hb-settings-security' },
  { id: 'sessions', title: 'settings.sessions', icon: 'devices', element: 'hb-settings-sessions' },
  // Defined in the desktop app only.
  { id: 'computer', title: 'settings.computer', icon: 'computer', element: 'hb-settings-computer' },
  { id: 'tokens', title: 'settings.tokens', icon: 'key', element: 'hb-settings-tokens' },
]
