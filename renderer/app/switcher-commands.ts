// What the switcher finds besides chats and people: pages, sections of the settings, and actions.
import { adminSections } from '../admin/section-list.ts'
import { notifyOnFailure } from '../chats/chat-list-menu.ts'
import { openDialog, type DialogRequest } from '../navigation/dialogs.ts'
import type { Route } from '../navigation/router.ts'
import { settingsSections } from '../settings/section-list.ts'
import type { Hub } from '../state/hub.ts'
import {
  accents,
  type Appearance,
  clocks,
  densities,
  themes,
  updateAppearance,
} from '../styles/appearance.ts'
import { t, type TextKey } from '../text/t.ts'
import type { IconName } from '../ui/icons.ts'

export interface SwitcherCommand {
  /** Stored with its uses. */
  id: string
  name: string
  second: string
  /** Other words that find it. */
  words?: string
  icon: IconName
  run: (from: HTMLElement) => void
}

export function switcherPages(hub: Hub): SwitcherCommand[] {
  const mine = settingsSections.filter(
    ({ id }, at) =>
      settingsSections.findIndex((one) => one.id === id) === at &&
      (id !== 'computer' || window.hubbub !== undefined),
  )
  return [
    page({ page: 'saved' }, 'saved.open', 'bookmark'),
    page({ page: 'threads' }, 'threads.all', 'thread'),
    page({ page: 'activity' }, 'activity.title', 'bell'),
    ...mine.map(({ id, title, icon }) =>
      page({ page: 'settings', section: id }, title, icon, 'settings.title'),
    ),
    ...(isAdmin(hub)
      ? adminSections.map(({ id, title, icon }) =>
          page({ page: 'admin', section: id }, title, icon, 'admin.title'),
        )
      : []),
  ]
}

function page(route: Route, title: TextKey, icon: IconName, parent?: TextKey): SwitcherCommand {
  return {
    id: `page:${route.page}/${'section' in route ? route.section : ''}`,
    name: plainText(title),
    second: parent === undefined ? '' : plainText(parent),
    icon,
    run: (from) => from.dispatchEvent(new CustomEvent('hb-navigate', { detail: route })),
  }
}

export function switcherActions(hub: Hub): SwitcherCommand[] {
  return [
    dialog('chats.new', 'message', { kind: 'new-chat' }),
    dialog('chats.newGroup', 'hash', { kind: 'new-group' }),
    dialog('chats.browse', 'globe', { kind: 'browse-groups' }),
    ...(isAdmin(hub) ? [dialog('admin.invite', 'user-plus', { kind: 'invite' })] : []),
    dialog('status.set', 'smile', { kind: 'set-status' }),
    dialog('shortcuts.title', 'keyboard', { kind: 'shortcuts' }),
    {
      ...{ id: 'read-all', name: plainText('chats.readAll'), second: '', icon: 'read-all' },
      run: (from) => void notifyOnFailure(from, hub.chats.readAll()),
    },
    ...choices('theme', 'appearance.theme', themes, (value) => `appearance.theme.${value}`),
    ...choices('accent', 'appearance.accent', accents, (value) => `appearance.accent.${value}`),
    ...choices('textSize', 'appearance.textSize', sizesInOrder, (value) => `appearance.textSize.${value}`),
    ...choices('density', 'appearance.density', densities, (value) => `appearance.density.${value}`),
    ...choices('clock', 'appearance.clock', clocks, (value) => `appearance.clock.${value}`),
  ]
}

const sizesInOrder = ['small', 'medium', 'large', 'larger', 'largest'] as const

function dialog(label: TextKey, icon: IconName, request: DialogRequest): SwitcherCommand {
  return {
    ...{ id: `dialog:${request.kind}`, name: plainText(label), second: '', icon },
    run: (from) => openDialog(from, request),
  }
}

function choices<K extends 'theme' | 'accent' | 'textSize' | 'density' | 'clock', V extends Appearance[K]>(
  key: K,
  what: TextKey,
  values: readonly V[],
  label: (value: V) => TextKey,
): SwitcherCommand[] {
  return values.map((value) => ({
    id: `${key}:${value}`,
    name: t('switcher.choice', { what: plainText(what), value: plainText(label(value)) }),
    second: '',
    words: t('switcher.appearanceWords'),
    icon: 'appearance',
    run: () => void updateAppearance({ [key]: value }),
  }))
}

function isAdmin(hub: Hub): boolean {
  const role = hub.session.me.value?.role
  return role === 'owner' || role === 'admin'
}

/** A line without arguments; the mark of a menu that more follows says nothing here. */
function plainText(key: TextKey): string {
  return (t as (key: TextKey) => string)(key).replace(/…/, '')
}
