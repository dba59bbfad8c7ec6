// Loads the elements of the sections.
import { type SectionDefinition, settingsSections } from './section-list.ts'
import './hb-settings-appearance.ts'
import './hb-settings-notifications.ts'
import './hb-settings-security.ts'
import './hb-settings-sessions.ts'
import './hb-settings-profile.ts'
import './hb-settings-tokens.ts'

export function availableSections(): readonly SectionDefinition[] {
  const defined = settingsSections.filter(({ element }) => customElements.get(element) !== undefined)
  return defined.filter((section) => section === defined.find(({ id }) => id === section.id))
}
