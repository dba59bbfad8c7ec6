// Notifications, sound and badge of a browser, while a tab is open. The policy is the one of the desktop app; this is its
// other outlet.
import type { DesktopNotification } from '../../shared/desktop.ts'
import { NotificationPolicy } from '../../shared/notification-policy.ts'
import { browserPlatform } from '../connection/platform.ts'
import { routeOf, type Router } from '../navigation/router.ts'
import { effect } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { playChime } from './chime.ts'
import { notificationSettings } from './notification-settings.ts'
import { markUnsupported, notificationSupport } from './notification-support.ts'
import { TabGroup } from './tab-group.ts'

const texts = {
  newMessages: (messages: number, chats: number) =>
    `${t('notifications.newMessages', { count: messages })} ${t('notifications.inChats', { count: chats })}`,
  newHere: (messages: number) => t('notifications.newHere', { count: messages }),
  threadIn: (chat: string) => t('notifications.threadIn', { chat }),
  sentFile: t('notifications.sentFile'),
  addedYou: (name: string) => (name ? t('chats.addedYou', { name }) : t('notifications.added')),
  arrived: (name: string) => t('notifications.arrived', { name }),
  somethingNew: t('notifications.somethingNew'),
}

export class BrowserNotifications {
  readonly #hub: Hub
  readonly #router: Router
  readonly #platform = browserPlatform()
  readonly #shown = new Map<string, Notification>()
  readonly #cleanups: (() => void)[] = []
  readonly #tabs: TabGroup
  #announcedArrivals = 0

  constructor(hub: Hub, router: Router) {
    this.#hub = hub
    this.#router = router
    const { locks, openChannel, window } = this.#platform
    const me = hub.session.me.peek()?.id ?? ''
    this.#tabs = new TabGroup({
      ...{ name: `hubbub-${hub.meta.peek()?.hubId ?? ''}-${me}`, locks, openChannel },
      chatInFront: () => (window.isVisible() && window.isFocused() ? hub.chats.current.peek() : undefined),
      onLead: () => this.#lead(),
    })
    const announce = (): void => this.#tabs.announce()
    this.#cleanups.push(hub.chats.current.subscribe(announce), window.onAttention(announce))
  }

  close(): void {
    for (const cleanup of this.#cleanups) cleanup()
    this.#tabs.close()
    for (const key of [...this.#shown.keys()]) this.#clear(key)
    void this.#setBadge(0)
  }

  /** Only one tab does this, however many are open. */
  #lead(): void {
    const hub = this.#hub
    const policy = new NotificationPolicy({
      texts,
      settings: () => ({ ...notificationSettings.peek(), ...this.#level() }),
      now: () => this.#platform.clock.now(),
      isChatVisible: (_hubId, chatId) => this.#tabs.isInFront(chatId),
      getUserName: async (_hubId, userId) => (await hub.users.fetch(userId))?.displayName ?? '',
      show: (notice) => this.#show(notice),
      clear: (key) => this.#clear(key),
    })
    const named = () => ({ id: hub.meta.peek()?.hubId ?? '', name: hub.meta.peek()?.name ?? t('app.name') })
    const me = hub.session.me.peek()
    const myId = me?.id ?? ''
    this.#announcedArrivals = hub.users.arrivals.peek().length
    this.#cleanups.push(
      // The text of a reply comes before the count of its thread.
      hub.latestReply.value.subscribe((reply) => {
        if (reply) policy.cacheReply(named().id, reply)
      }),
      hub.chats.list.subscribe((chats) => {
        if (hub.chats.ready.peek() && hub.connectionState.peek() === 'live')
          void policy.updateChats(named(), myId, chats)
      }),
      hub.threads.list.subscribe((threads) => {
        if (hub.threads.ready.peek()) void policy.updateThreads(named(), myId, threads)
      }),
      effect(() => void this.#setBadge(hub.chats.mentions.value)),
      effect(() => {
        const arrivals = hub.users.arrivals.value
        for (const { user, by } of arrivals.slice(this.#announcedArrivals)) {
          const isSeen = this.#platform.window.isFocused()
          if (me && me.role !== 'member' && !user.bot && by !== myId && !isSeen)
            policy.announceArrival(named(), user)
        }
        this.#announcedArrivals = arrivals.length
      }),
    )
  }

  /** Off until the user has turned them on here and the browser agrees. */
  #level(): { notifications?: 'none' } {
    const isOn = notificationSettings.peek().isOn && notificationSupport.peek() === 'granted'
    return isOn ? {} : { notifications: 'none' }
  }

  #show({ key, title, body, route }: DesktopNotification): void {
    try {
      // `tag` replaces the earlier one. The sound is the page's own, so that it can be off.
      const shown = new Notification(title, { body, tag: key, silent: true, icon: iconAddress() })
      this.#shown.set(key, shown)
      shown.onclick = () => {
        shown.close()
        window.focus()
        if (route !== '/') this.#router.navigate(routeOf(route))
      }
      shown.onclose = () => {
        if (this.#shown.get(key) === shown) this.#shown.delete(key)
      }
      if (notificationSettings.peek().sounds) playChime().catch(() => undefined)
    } catch {
      // A browser for phones lets no page show one.
      markUnsupported()
    }
  }

  #clear(key: string): void {
    this.#shown.get(key)?.close()
    this.#shown.delete(key)
  }

  async #setBadge(count: number): Promise<void> {
    if (!('setAppBadge' in navigator)) return
    try {
      await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge())
    } catch {
      // Only an installed app has a badge.
    }
  }
}

/** The icon of the tab, without its mark. */
function iconAddress(): string {
  return document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href ?? ''
}
