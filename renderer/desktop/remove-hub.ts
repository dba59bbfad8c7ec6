import { hubBasePath, type HubInfo } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'
import { confirm } from '../ui/hb-confirm.ts'
import type { Desktop } from './desktop.ts'

/** Asks first. Off this computer with all that was kept of it; what the hub has stays there. */
export async function confirmRemoveHub(desktop: Desktop, { id, name, isHosted }: HubInfo): Promise<void> {
  await confirm({
    heading: t('changed.remove', { name }),
    text: t(isHosted ? 'rail.removeHosted' : 'changed.removeText'),
    action: t('changed.remove', { name }),
    danger: true,
    run: () => desktop.remove(id),
  })
}

/** What the page has kept of a hub, for whoever was logged in there. */
export async function clearHubData(id: string): Promise<void> {
  localStorage.removeItem(`hubbub${hubBasePath(id)}`)
  for (const { name = '' } of await indexedDB.databases()) {
    if (name.startsWith(`hubbub-${id}-`)) indexedDB.deleteDatabase(name)
  }
}
