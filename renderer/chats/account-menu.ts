import { doNotDisturbUntil } from '../../shared/do-not-disturb.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { hubMenu } from '../navigation/hub-menu.ts'
import type { Router } from '../navigation/router.ts'
import { canInstall, install } from '../offline/install.ts'
import { notificationSettings, updateNotificationSettings } from '../notifications/notification-settings.ts'
import type { Hub } from '../state/hub.ts'
import { currentStatus } from '../status/status-end.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import { confirm } from '../ui/hb-confirm.ts'
import type { MenuGroup, MenuItem } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { commandKeys } from '../ui/key-names.ts'

/** The menu at the user's own name: only what concerns the user. The list itself has what one needs daily. */
export function accountMenu(hub: Hub, router: Router, from: HTMLElement): MenuGroup[] {
  const me = hub.session.me.value
  const isAdmin = me?.role === 'owner' || me?.role === 'admin'
  const settings = (section: string) => () => router.navigate({ page: 'settings', section })
  const admin: MenuItem = {
    label: t('admin.open'),
    icon: 'shield',
    run: () => router.navigate({ page: 'admin', section: '' }),
  }
  return [
    [statusItem(hub, from), ...doNotDisturbItems(from)],
    [
      { label: t('me.profile'), icon: 'user', run: settings('profile') },
      { label: t('settings.open'), icon: 'settings', run: settings('') },
      {
        label: t('shortcuts.title'),
        icon: 'keyboard',
        note: commandKeys('/'),
        run: () => openDialog(from, { kind: 'shortcuts' }),
      },
    ],
    isAdmin ? [admin] : [],
    canInstall.value ? [{ label: t('browser.install'), icon: 'download', run: () => void install() }] : [],
    hubMenu(from, { name: hub.meta.value?.name ?? '', hubId: hub.meta.value?.hubId ?? '' }),
    [{ label: t('me.logout'), icon: 'log-out', run: () => void logOut(hub) }],
  ]
}

/** A logout deletes what was not sent, so it asks before. */
async function logOut(hub: Hub): Promise<void> {
  const count = hub.unsentCount
  const leaves =
    count === 0 ||
    (await confirm({
      heading: t('me.unsent', { count }),
      text: t('me.unsentText'),
      action: t('me.logoutUnsent'),
      danger: true,
      run: () => Promise.resolve(),
    }))
  if (leaves) await hub.session.logout()
}

function statusItem(hub: Hub, from: HTMLElement): MenuItem {
  const { emoji, text } = currentStatus(hub.session.me.value?.status) ?? {}
  const status = [emoji, text].filter(Boolean).join(' ')
  const run = () => openDialog(from, { kind: 'set-status' })
  if (!status) return { label: t('status.set'), icon: 'smile', run }
  return { label: status, icon: 'smile', accessibleName: t('status.change', { status }), run }
}

/** Where this window, or the app around it, shows notifications. */
function doNotDisturbItems(from: HTMLElement): MenuGroup {
  const { hubbub } = window
  if (!hubbub && !notificationSettings.value.isOn) return []
  const set = async (choice: 'hour' | 'morning' | 'off') => {
    const changes = { quietUntil: doNotDisturbUntil(choice, Date.now()) }
    try {
      if (hubbub) await hubbub.settings.set(changes)
      else updateNotificationSettings(changes)
    } catch (error) {
      notify(from, { text: errorMessage(error), tone: 'danger' })
    }
  }
  const choices: MenuGroup = [
    { label: t('computer.quiet.hour'), run: () => void set('hour') },
    { label: t('computer.quiet.morning'), run: () => void set('morning') },
    { label: t('computer.quietEnd'), run: () => void set('off') },
  ]
  return [{ label: t('computer.quiet'), icon: 'bell-off', submenu: () => [choices] }]
}
