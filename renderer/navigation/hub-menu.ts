import { t } from '../text/t.ts'
import type { MenuGroup } from '../ui/hb-menu.ts'

/** In the desktop app a user may add another hub, host one or remove this one. Empty in a browser. */
export function hubMenu(from: EventTarget, hub: { name: string; hubId: string }): MenuGroup {
  if (!window.hubbub) return []
  const ask = (what: 'hb-add-hub' | 'hb-open-hosting' | 'hb-remove-hub') => () =>
    from.dispatchEvent(new CustomEvent(what, { detail: hub.hubId, bubbles: true, composed: true }))
  return [
    { label: t('rail.add'), icon: 'plus', run: ask('hb-add-hub') },
    { label: t('rail.hosting'), icon: 'system', run: ask('hb-open-hosting') },
    { label: t('rail.remove', { name: hub.name }), icon: 'trash', danger: true, run: ask('hb-remove-hub') },
  ]
}
