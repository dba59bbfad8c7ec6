import type { LitElement } from 'lit'
import type { BrowserNotifications } from '../notifications/browser-notifications.ts'
import type { Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { whenIdle } from './lazy-modules.ts'

/**
 * What the shell tells its user by itself: owner and admins hear that a user came whom they did not let in, and a browser
 * notifies. The desktop app notifies without the page.
 */
export class ShellNews {
  readonly #host: LitElement
  #shownArrivals = 0
  #isStarted = false
  #notifications: BrowserNotifications | undefined

  constructor(host: LitElement) {
    this.#host = host
    host.addController({ hostDisconnected: () => this.#stop() })
  }

  /** Call it before the host renders. Watched. */
  update(hub: Hub, router: Router): void {
    if (!this.#isStarted && !window.hubbub && hub.connectionState.value === 'live') {
      this.#isStarted = true
      whenIdle(() => void this.#start(hub, router).catch(() => undefined))
    }
    const me = hub.session.me.value
    const all = hub.users.arrivals.value
    const news = all.slice(this.#shownArrivals).filter(({ user, by }) => !user.bot && by !== me?.id)
    this.#shownArrivals = all.length
    const [first] = news
    if (!first || !me || me.role === 'member') return
    const text =
      news.length === 1
        ? t('chats.arrived', { name: first.user.displayName })
        : t('chats.arrivedSeveral', { count: news.length })
    void this.#host.updateComplete.then(() => notify(this.#host, { text }))
  }

  async #start(hub: Hub, router: Router): Promise<void> {
    const { BrowserNotifications } = await import('../notifications/browser-notifications.ts')
    if (this.#isStarted && this.#host.isConnected) this.#notifications = new BrowserNotifications(hub, router)
  }

  #stop(): void {
    this.#isStarted = false
    this.#notifications?.close()
    this.#notifications = undefined
  }
}
